"""Feeds the decoder of pictures from outside with mutations of real ones until the time is over (atheris, libFuzzer).

Whatever the bytes are, the answer is a picture of at most 25 megapixels or an error that the API knows; anything else
ends the run with the bytes in a file. Start it with `scripts/fuzz --seconds 300`.
"""

import argparse
import base64
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import atheris

# What was imported before would not guide the fuzzer.
with atheris.instrument_imports(include=["PIL", "daemon"]):
    from demo_film import person_picture
    from PIL import Image as Pillow

    from daemon.api.base64_pictures import PictureDecoder
    from daemon.api.failures import ApiError
    from daemon.enrolment.pictures import MAX_PIXELS, decode
    from daemon.errors import PictureError

DECODER = PictureDecoder()


def once(content: bytes) -> None:
    """One input, as a file and as a call's text."""
    try:
        picture = decode(content, name="fuzz")
        if picture.ndim != 3 or picture.shape[0] * picture.shape[1] > MAX_PIXELS:
            raise AssertionError(f"a picture of shape {picture.shape}")
    except PictureError:
        pass
    for text in (base64.b64encode(content).decode(), content.decode("latin-1")):
        with suppress(ApiError, PictureError):
            DECODER.decode(text, field="faceImage")


def corpus() -> Iterator[tuple[str, bytes]]:
    """A small portrait in every format and some odd ones: turned, palette, grey, with alpha, progressive, cut."""
    small = Pillow.open(person_picture()).resize((48, 64))
    turned = Pillow.Exif()
    turned[0x0112] = 6
    for name, picture, options in (
        ("plain.jpeg", small, {}),
        ("turned.jpeg", small, {"exif": turned}),
        ("progressive.jpeg", small, {"progressive": True}),
        ("full.jpeg", small, {"subsampling": "4:4:4", "restart_marker_blocks": 2}),
        ("grey.jpeg", small.convert("L"), {}),
        ("cmyk.jpeg", small.convert("CMYK"), {}),
        ("plain.png", small, {}),
        ("palette.png", small.convert("P"), {"transparency": 0}),
        ("grey.png", small.convert("I;16"), {}),
        ("alpha.webp", small.convert("RGBA"), {}),
        ("plain.bmp", small, {}),
    ):
        file = io.BytesIO()
        picture.save(file, format=Path(name).suffix[1:], **options)
        yield name, file.getvalue()
        yield f"cut-{name}", file.getvalue()[: len(file.getvalue()) // 2]


def main() -> None:
    """Ends with status 77 and a file `crash-…` when something unknown was raised."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="how long (default 300)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="auther-fuzz-") as folder:
        for name, content in corpus():
            (Path(folder) / name).write_bytes(content)
        words = [sys.argv[0], folder, f"-max_total_time={options.seconds}", "-max_len=65536", "-rss_limit_mb=4096"]
        atheris.Setup(words, once)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
