"""Links that change in one step, and what an interrupted installation leaves."""

import json
from pathlib import Path

import pytest
from appliance import releases
from appliance.errors import Trouble
from appliance.places import Places
from appliance.releases import Release


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


def make(places: Places, name: str, *, finished: bool = True) -> Release:
    path = places.releases / name
    path.mkdir(parents=True)
    if finished:
        (path / "release.json").write_text(json.dumps({"version": name, "sha256": "0"}))
    return Release(path, name, "0")


def test_a_link_changes_from_one_release_to_the_next(places: Places) -> None:
    one, two = make(places, "1"), make(places, "2")
    assert releases.read(places.current) is None
    releases.point(places.current, one)
    assert releases.read(places.current) == one
    releases.point(places.current, two)
    assert releases.read(places.current) == two
    assert not places.current.readlink().is_absolute()


def test_a_kill_before_the_change_leaves_the_link(places: Places) -> None:
    one, two = make(places, "1"), make(places, "2")
    releases.point(places.current, one)
    places.current.with_name("current.partial").symlink_to("releases/2")
    assert releases.read(places.current) == one
    releases.point(places.current, two)
    assert releases.read(places.current) == two


def test_sweep_keeps_what_the_links_lead_to(places: Places) -> None:
    one, two = make(places, "1"), make(places, "2")
    make(places, "3")
    make(places, "4", finished=False)
    places.wheels.mkdir()
    releases.point(places.current, two)
    releases.point(places.previous, one)
    releases.clear(places)
    assert sorted(path.name for path in places.releases.iterdir()) == ["1", "2", "3"]
    releases.sweep(places)
    assert sorted(path.name for path in places.releases.iterdir()) == ["1", "2"]
    assert not places.wheels.exists()


def test_an_unfinished_release_is_none(places: Places) -> None:
    releases.point(places.current, make(places, "1", finished=False))
    assert releases.read(places.current) is None
    with pytest.raises(Trouble, match="nothing here"):
        releases.need(places.current, "nothing here")


def test_a_release_remembers_what_it_can_read(places: Places) -> None:
    one = make(places, "1")
    assert one.left() is None
    one.leave({"people.db": 3})
    assert one.left() == {"people.db": 3}
    assert not one.proven
    one.prove()
    assert one.proven
