"""Makes a running terminal hang when a test asks for it, from outside the product.

A .pth of its environment loads this. The file `hang` in the state's folder names what hangs, and is taken away then:
`vision` (the networks' thread, in a call that lets others run), `main` (the main thread, likewise in C) or
`everything` (C code that keeps the interpreter's lock).
"""

import ctypes
from collections.abc import Callable
from pathlib import Path

from daemon.gallery.keeper import GalleryKeeper
from daemon.vision.recogniser import Recogniser

FOREVER = 100_000
ORDER = Path("/var/lib/auther-embedded/hang")


def obeying(function: Callable[..., object], *whats: str) -> Callable[..., object]:
    def wrapped(*args: object, **kwargs: object) -> object:
        try:
            what = ORDER.read_text().strip()
        except OSError:
            what = ""
        if what in whats:
            ORDER.unlink()
            (ctypes.PyDLL if what == "everything" else ctypes.CDLL)(None).sleep(FOREVER)
        return function(*args, **kwargs)

    return wrapped


setattr(Recogniser, "detect", obeying(Recogniser.detect, "vision", "everything"))  # noqa: B010
setattr(GalleryKeeper, "refresh", obeying(GalleryKeeper.refresh, "main"))  # noqa: B010
