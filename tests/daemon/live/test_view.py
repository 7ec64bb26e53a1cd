"""The newest glance, and its picture, made once for all."""

import json
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
import pytest

from daemon.live.pictures import LivePictures, framed
from daemon.live.view import LiveView
from daemon.types import Glance
from tests.daemon.live.glances import frame

LONG = 30.0


class TestLiveView:
    def test_the_newest_takes_the_place_of_the_last(self) -> None:
        view, glances = LiveView(), [Glance(frame(sequence=number)) for number in range(3)]
        assert view.newest is None
        for glance in glances:
            view.show(glance)
        assert view.newest is glances[-1]
        assert view.wait(glances[0], LONG) is glances[-1]

    def test_nothing_new_is_nothing(self) -> None:
        view, glance = LiveView(), Glance(frame())
        assert view.wait(None, 0.0) is None
        view.show(glance)
        assert view.wait(glance, 0.0) is None

    def test_who_waits_is_woken(self) -> None:
        view, glance = LiveView(), Glance(frame())
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(view.wait, None, LONG)
            view.show(glance)
            assert waiting.result(LONG) is glance


class TestLivePictures:
    @pytest.fixture
    def encoded(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """The thread of each picture that was encoded."""
        threads: list[int] = []
        encode = cv2.imencode

        def counted(*arguments: Any) -> Any:
            threads.append(threading.get_ident())
            return encode(*arguments)

        monkeypatch.setattr(cv2, "imencode", counted)
        return threads

    def test_a_frame_is_encoded_once_for_all_who_look(self, encoded: list[int]) -> None:
        view = LiveView()
        pictures = LivePictures(view=view)
        assert pictures.newest() is None
        view.show(Glance(frame(sequence=1)))
        with ThreadPoolExecutor(8) as pool:
            looked = list(pool.map(lambda _: pictures.newest(), range(40)))
        assert len(encoded) == 1
        assert all(one is looked[0] for one in looked)
        view.show(Glance(frame(sequence=2)))
        assert pictures.newest() is not looked[0]

    def test_nobody_who_looks_is_nothing_encoded(self, encoded: list[int]) -> None:
        view = LiveView()
        LivePictures(view=view)
        view.show(Glance(frame()))
        assert not encoded

    def test_it_is_the_frame(self) -> None:
        image = np.zeros((480, 640, 3), np.uint8)
        image[:, :320] = (0, 0, 255)
        view = LiveView()
        view.show(Glance(frame(image=image)))
        picture = LivePictures(view=view).newest()
        assert picture is not None
        assert picture.scale == 1
        decoded = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        assert np.abs(decoded.astype(int) - image).mean() < 3

    def test_a_large_frame_is_made_smaller(self) -> None:
        view = LiveView()
        view.show(Glance(frame(image=np.zeros((1080, 1920, 3), np.uint8))))
        picture = LivePictures(view=view).newest()
        assert picture is not None
        decoded = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        assert decoded.shape == (360, 640, 3)
        assert picture.scale == pytest.approx(1 / 3)


def test_a_picture_of_a_stream_carries_its_lengths() -> None:
    header = json.dumps({"faces": []}).encode()
    stream = framed(header, b"jpeg")
    (length,) = struct.unpack_from(">I", stream)
    assert stream[4 : 4 + length] == header
    assert struct.unpack_from(">I", stream, 4 + length) == (4,)
    assert stream[8 + length :] == b"jpeg"
