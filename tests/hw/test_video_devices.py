"""The cameras that Linux lists."""

from pathlib import Path

from hw.video_devices import video_devices


def test_cameras_by_number_without_their_further_nodes(tmp_path: Path) -> None:
    for number, name, index in ((10, "Pi camera", "0"), (0, "USB camera", "0"), (1, "USB camera", "1")):
        folder = tmp_path / f"video{number}"
        folder.mkdir()
        (folder / "name").write_text(f"{name}\n")
        (folder / "index").write_text(f"{index}\n")
    assert video_devices(tmp_path) == {0: "USB camera", 10: "Pi camera"}


def test_no_cameras(tmp_path: Path) -> None:
    assert video_devices(tmp_path / "none") == {}
