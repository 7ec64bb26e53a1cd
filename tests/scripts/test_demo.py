"""The demonstration, with a film that is cut short."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import pytest

from models.suite import Suite

SCRIPTS = Path(__file__).parent.parent.parent / "scripts"
MODULES = ("demo_show", "demo_film", "demo_timeline", "demo_broker", "demo_screen")


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The demonstration's modules, which are run as scripts and import each other as such."""
    monkeypatch.syspath_prepend(SCRIPTS)
    monkeypatch.chdir(SCRIPTS.parent)
    yield importlib.import_module("demo_show")
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture
def cut(show: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Cuts the film down to one actor."""

    def cut_to(actor: str, *, seconds: float) -> None:
        film = sys.modules["demo_film"]
        scenes = (film.Scene("nobody", None, 0.0, 0.3), film.Scene(actor, actor, 0.3, seconds))
        for name in ("demo_show", "demo_film", "demo_timeline"):
            monkeypatch.setattr(sys.modules[name], "SCENES", scenes)

    return cut_to


def test_show(show: ModuleType, cut: Any, capfd: pytest.CaptureFixture[str]) -> None:
    cut("person", seconds=3.0)
    assert show.main() == 0
    told = capfd.readouterr().out
    assert "GRANTED · grace-hopper · reason granted" in told
    assert "strike unlocked" in told
    assert "person: granted: let in, as it should be" in told
    if show.find_mosquitto() is not None:
        assert "MQTT auther/demo/access: granted" in told
        assert "decisions: 1, of which an MQTT subscriber got 1" in told


def test_show_without_a_broker_says_so(
    show: ModuleType, cut: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show, "find_mosquitto", lambda: None)
    cut("person", seconds=0.2)
    assert show.main() == 1
    told = capfd.readouterr().out
    assert "mosquitto is not installed" in told
    assert "NOT LET IN" in told


@pytest.mark.parametrize(
    ("actor", "reason", "failed"),
    [
        ("person", "granted", 0),
        ("person", "unknown", 1),
        ("stranger", "unknown", 0),
        ("stranger", "granted", 1),
        ("phone", "spoof", 0),
        ("phone", "granted", 0),
        (None, "granted", 1),
    ],
)
def test_verdicts(show: ModuleType, cut: Any, actor: str | None, reason: str, failed: int) -> None:
    cut("person", seconds=1.0)
    timeline_module = sys.modules["demo_timeline"]
    scene = sys.modules["demo_film"].Scene("scene", actor, 0.0, 1.0)
    assert timeline_module._judge(scene, [reason])[1] == bool(failed)


def test_film_shows_a_face_exactly_where_somebody_is(show: ModuleType, cut: Any, tmp_path: Path, suite: Suite) -> None:
    cut("stranger", seconds=3.5)
    film = sys.modules["demo_film"]
    film.shoot(tmp_path / "film.avi")
    capture = cv2.VideoCapture(str(tmp_path / "film.avi"))
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1])
    assert len(frames) == sum(round(scene.seconds * film.FPS) for scene in film.SCENES)
    assert suite.detector.detect(frames[0]) == ()
    assert len(suite.detector.detect(frames[int(2.5 * film.FPS)])) == 1
