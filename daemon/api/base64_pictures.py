"""Pictures as they come in a body: Base64, perhaps as a data URL."""

import binascii
import re
import threading

import pybase64

from daemon.api.failures import ApiError
from daemon.enrolment.pictures import decode
from models.geometry import Image

_PREFIX = re.compile(r"data:image/[A-Za-z0-9.+-]{1,64};base64,")
_LINE_ENDS = str.maketrans("", "", "\r\n")


class PictureDecoder:
    """Decodes the pictures of calls, one at a time: 25 megapixels take some 200 MB while they are decoded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def decode(self, text: str, *, field: str) -> Image:
        """The picture. Raises ApiError R_003, PictureError and PictureTooLarge, all naming the field."""
        prefix = _PREFIX.match(text)
        encoded = text[prefix.end() :] if prefix else text
        try:
            # Tools wrap their lines (RFC 2045); nothing else that is no Base64 is passed over.
            one_line = encoded.translate(_LINE_ENDS) if "\r" in encoded or "\n" in encoded else encoded
            content = pybase64.b64decode(one_line, validate=True)
        except (ValueError, binascii.Error):
            raise ApiError("R_003", f"{field}: not Base64; send the picture's bytes in it, with padding") from None
        with self._lock:
            return decode(content, name=field)
