import io
import random
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg
from PIL import Image as Pillow
from PIL import ImageOps

from daemon.enrolment.pictures import FORMATS, MAX_BYTES, MAX_PIXELS, decode, read_picture
from daemon.errors import PictureError
from models.geometry import Image

# Four corners that tell every turn and mirroring from every other, in BGR.
CORNERS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)


def picture() -> Image:
    return np.ascontiguousarray(CORNERS.repeat(24, axis=0).repeat(32, axis=1))


def encoded(image: Image, kind: str = "PNG", *, mode: str = "RGB", **options: object) -> bytes:
    content = io.BytesIO()
    Pillow.fromarray(np.ascontiguousarray(image[:, :, ::-1])).convert(mode).save(content, kind, **options)
    return content.getvalue()


def with_orientation(orientation: int, kind: str = "JPEG") -> bytes:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    return encoded(picture(), kind, exif=exif)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_becomes_writable_bgr(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    image = decode(encoded(picture(), kind, **options), name="upload")
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert image.flags.writeable
    if kind != "JPEG":
        np.testing.assert_array_equal(image, picture())
    assert np.abs(image.astype(int) - picture()).mean() < 4


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA"])
def test_every_mode_becomes_three_channels(mode: str) -> None:
    transparency = {"transparency": bytes(range(256))} if mode == "P" else {}
    assert decode(encoded(picture(), mode=mode, **transparency), name="upload").shape == picture().shape


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, picture()),
        (2, cv2.flip(picture(), 1)),
        (3, cv2.rotate(picture(), cv2.ROTATE_180)),
        (4, cv2.flip(picture(), 0)),
        (5, cv2.transpose(picture())),
        (6, cv2.rotate(picture(), cv2.ROTATE_90_CLOCKWISE)),
        (7, cv2.rotate(cv2.transpose(picture()), cv2.ROTATE_180)),
        (8, cv2.rotate(picture(), cv2.ROTATE_90_COUNTERCLOCKWISE)),
    ],
)
def test_a_picture_is_turned_as_its_exif_says(orientation: int, upright: Image, kind: str) -> None:
    image = decode(with_orientation(orientation, kind), name="upload")
    assert image.shape == upright.shape
    assert np.abs(image.astype(int) - upright).mean() < 8


def test_an_orientation_in_xmp_counts_too() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    assert decode(encoded(picture(), "JPEG", xmp=xmp), name="upload").shape == (64, 48, 3)


def test_padding_before_the_orientation_hides_it_from_nobody() -> None:
    plain = with_orientation(6)
    app1 = plain.index(b"\xff\xe1")
    assert decode(plain[:app1] + b"\xff" + plain[app1:], name="upload").shape == (64, 48, 3)


def by_pillow(content: bytes) -> Image:
    return np.asarray(Pillow.open(io.BytesIO(content)).convert("RGB"))[:, :, ::-1]


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", [{"subsampling": "4:4:4"}, {"subsampling": "4:2:2"}, {"progressive": True}])
def test_a_jpeg_is_what_pillow_makes_of_it(mode: str, options: dict[str, object]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (47, 65, 3), np.uint8)
    content = encoded(noise, "JPEG", mode=mode, **options)
    ours, theirs = decode(content, name="upload").astype(int), by_pillow(content).astype(int)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1 if mode == "CMYK" else 0)


@pytest.mark.parametrize("orientation", range(1, 10))
def test_a_turned_jpeg_is_what_pillow_makes_of_it(orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    content = encoded(np.random.default_rng(0).integers(0, 256, (47, 65, 3), np.uint8), "JPEG", exif=exif)
    upright = ImageOps.exif_transpose(Pillow.open(io.BytesIO(content)))
    np.testing.assert_array_equal(decode(content, name="upload"), np.asarray(upright)[:, :, ::-1])


def test_a_jpeg_with_a_flaw_that_cameras_make_is_taken() -> None:
    whole = encoded(picture(), "JPEG")
    frame = whole.index(b"\xff\xc0")
    flawed = whole[:frame] + b"\x00\x00" + whole[frame:]
    with pytest.raises(ValueError, match="2 extraneous bytes"):
        simplejpeg.decode_jpeg(flawed)
    np.testing.assert_array_equal(decode(flawed, name="upload"), by_pillow(whole))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises a huge picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(5001, 5000), (20_000, 20_000), (65_500, 65_500)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pillow.Image, "load", lambda _: pytest.fail("it was decoded"))
    assert size[0] * size[1] > MAX_PIXELS
    with pytest.raises(PictureError, match=r"^upload: .*pixels"):
        decode(bomb(*size), name="upload")


def test_a_jpeg_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simplejpeg, "decode_jpeg", lambda *_: pytest.fail("it was decoded"))
    content = bytearray(encoded(picture(), "JPEG"))
    size = content.index(b"\xff\xc0") + 5
    content[size : size + 4] = (65_000).to_bytes(2, "big") * 2
    with pytest.raises(PictureError, match=r"^upload: .*pixels"):
        decode(bytes(content), name="upload")


def test_too_many_bytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(PictureError, match=r"large\.jpg: larger than"):
        read_picture(path)
    with pytest.raises(PictureError, match=r"^upload: 10485761 bytes"):
        decode(bytes(MAX_BYTES + 1), name="upload")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_truncated_picture_is_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    content = encoded(noise, kind)
    with pytest.raises(PictureError, match=r"^upload: "):
        decode(content[: int(len(content) * share)], name="upload")


@pytest.mark.parametrize(
    "content", [b"", b"hello", encoded(picture(), "GIF"), encoded(picture(), "TIFF"), b"%PDF-1.7", b"\xff\xd8\xff"]
)
def test_what_is_no_picture_of_a_known_format_is_refused(content: bytes) -> None:
    with pytest.raises(PictureError, match=r"^upload: (not a JPEG, PNG, WebP or BMP picture|the picture is damaged)"):
        decode(content, name="upload")


def test_damage_ends_in_a_picture_or_in_a_picture_error() -> None:
    dice = random.Random(1)
    originals = [with_orientation(6, kind) for kind in ("JPEG", "PNG", "WEBP")] + [encoded(picture(), "BMP")]
    for _ in range(4000):
        content = bytearray(dice.choice(originals))
        for _ in range(dice.choice((1, 1, 3))):
            # Headers and EXIF stand in front.
            content[dice.randrange(min(len(content), 300))] = dice.choice((0, 255, dice.randrange(256)))
        try:
            image = decode(bytes(content), name="upload")
        except PictureError:
            continue
        assert image.ndim == 3


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "me.png"
    path.write_bytes(encoded(picture()))
    np.testing.assert_array_equal(read_picture(path), picture())


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"absent\.png: can't be read: No such file"):
        read_picture(tmp_path / "absent.png")
    with pytest.raises(PictureError, match="can't be read: Is a directory"):
        read_picture(tmp_path)
