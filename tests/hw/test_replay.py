import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hw.camera import Frame, Image
from hw.errors import CameraError, EndOfStream
from hw.replay import Replay, natural_order


def play(replay: Replay, *, most: int = 1000) -> list[Frame]:
    frames = []
    try:
        while len(frames) < most:
            frames.append(replay.read())
    except EndOfStream:
        pass
    return frames


@pytest.mark.parametrize(("name", "codec"), [("recording.avi", "MJPG"), ("recording.mp4", "mp4v")])
def test_plays_every_frame_of_a_video_once(
    name: str, codec: str, record: Callable[..., Path], number_of: Callable[[Image], int]
) -> None:
    replay = Replay(path=record(count=20, name=name, codec=codec), realtime=False)
    frames = play(replay)

    assert replay.lossless
    assert [number_of(frame.image) for frame in frames] == list(range(20))
    assert [frame.sequence for frame in frames] == list(range(20))
    with pytest.raises(EndOfStream, match=r"recording\.\w+: the recording is over; set loop"):
        replay.read()
    replay.close()


def test_a_video_keeps_its_own_rate(record: Callable[..., Path], clock: Any) -> None:
    frames = play(Replay(path=record(count=5, fps=12.5), realtime=False, fps=30, clock=clock))
    assert [frame.captured for frame in frames] == pytest.approx([1000.0, 1000.08, 1000.16, 1000.24, 1000.32])


def test_an_implausible_rate_is_replaced_by_the_one_given(
    record: Callable[..., Path], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hw.replay.MAX_FPS", 10.0)
    frames = play(Replay(path=record(count=3, fps=12.5), realtime=False, fps=2, clock=clock))
    assert [frame.captured for frame in frames] == pytest.approx([1000.0, 1000.5, 1001.0])


def test_a_folder_plays_in_natural_order_at_the_rate_given(
    folder: Path, clock: Any, number_of: Callable[[Image], int]
) -> None:
    (folder / "notes.txt").write_text("no picture")
    (folder / ".frame3.png").write_bytes(b"hidden")
    frames = play(Replay(path=folder, realtime=False, fps=4, clock=clock))

    assert [number_of(frame.image) for frame in frames] == list(range(12))
    assert [frame.image.shape[1] for frame in frames] == [160 + 8 * number for number in range(12)]
    assert frames[11].captured - frames[0].captured == pytest.approx(11 / 4)


def test_lossless_time_follows_the_clock_when_processing_is_slower(folder: Path, clock: Any) -> None:
    replay = Replay(path=folder, realtime=False, fps=10, clock=clock)
    first = replay.read()
    clock.now += 3
    second = replay.read()
    third = replay.read()

    assert [frame.captured for frame in (first, second, third)] == pytest.approx([1000.0, 1003.0, 1003.1])
    assert third.wall == pytest.approx(time.time() + 0.1, abs=30)


def test_real_time_waits_until_a_frame_is_due(folder: Path, clock: Any) -> None:
    replay = Replay(path=folder, realtime=True, fps=10, clock=clock, sleep=clock.sleep)
    frames = play(replay)

    assert not replay.lossless
    assert clock.slept == pytest.approx([0.1] * 11)
    assert [frame.captured for frame in frames] == pytest.approx([1000 + number / 10 for number in range(12)])


@pytest.mark.parametrize("kind", ["video", "folder"])
def test_a_loop_starts_again_and_goes_on_counting(
    kind: str, record: Callable[..., Path], folder: Path, number_of: Callable[[Image], int]
) -> None:
    path = folder if kind == "folder" else record(count=12)
    frames = play(Replay(path=path, realtime=False, loop=True), most=30)

    assert [frame.sequence for frame in frames] == list(range(30))
    assert [number_of(frame.image) for frame in frames] == [number % 12 for number in range(30)]
    assert all(later.captured > earlier.captured for earlier, later in pairwise(frames))


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="absent: no such file or folder; correct the path"):
        Replay(path=tmp_path / "absent")


def test_a_folder_without_pictures_says_which_kinds_count(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"no picture in this folder; .*\.jpg, \.png"):
        Replay(path=tmp_path)


def test_a_forbidden_folder_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(CameraError, match="pictures: Permission denied; check that the daemon's user may read it"):
        Replay(path=folder)


@pytest.mark.parametrize("content", [b"", b"no video at all" * 1000])
def test_a_broken_video_is_named(content: bytes, tmp_path: Path) -> None:
    video = tmp_path / "broken.mp4"
    video.write_bytes(content)
    with pytest.raises(CameraError, match=r"broken\.mp4: not a video that can be decoded"):
        Replay(path=video)


def test_a_video_without_frames_is_broken_not_over(record: Callable[..., Path]) -> None:
    replay = Replay(path=_without_pictures(record(count=3)), loop=True)
    with pytest.raises(CameraError, match="not one frame of this video can be decoded") as raised:
        replay.read()
    assert not isinstance(raised.value, EndOfStream)


def _without_pictures(video: Path) -> Path:
    content = video.read_bytes()
    start = content.index(b"movi")
    video.write_bytes(content[: start + 4] + bytes(len(content) - start - 4))
    return video


@pytest.mark.parametrize("content", [b"", b"no picture at all"])
def test_a_broken_picture_is_named(content: bytes, folder: Path) -> None:
    (folder / "frame1.JPG").write_bytes(content)
    replay = Replay(path=folder, realtime=False)
    replay.read()
    with pytest.raises(CameraError, match=r"frame1\.JPG: .*; replace or remove it") as raised:
        replay.read()
    assert not isinstance(raised.value, EndOfStream)


def test_a_picture_that_vanished_is_named(folder: Path) -> None:
    replay = Replay(path=folder, realtime=False)
    (folder / "frame0.png").unlink()
    with pytest.raises(CameraError, match=r"frame0\.png: can't be read"):
        replay.read()


def test_grey_pictures_become_bgr(tmp_path: Path, draw: Callable[[int], Image]) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), draw(5)[:, :, 0])
    assert Replay(path=tmp_path, realtime=False).read().image.shape == (120, 160, 3)


@given(st.lists(st.integers(0, 10**6), unique=True), st.text("abc.-", max_size=5))
def test_natural_order_counts(numbers: list[int], stem: str) -> None:
    names = [f"{stem}{number}.png" for number in numbers]
    assert sorted(names, key=natural_order) == [f"{stem}{number}.png" for number in sorted(numbers)]


@given(st.lists(st.text()))
@example(["\u0663", "a", "1", "\u00b2"])
def test_natural_order_compares_any_names(names: list[str]) -> None:
    sorted(names, key=natural_order)
