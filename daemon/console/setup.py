"""The code by which the first administrator shows that they may be one: only who is at the terminal can read it."""

import hmac
import secrets

from daemon.console.document import SealedDocument

FILE_NAME = "console-setup"
# Crockford's Base32 without what is taken for something else; 60 bits.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LOOKALIKES = str.maketrans("oil", "011", "- ")
_GROUPS, _GROUP = 3, 4


class SetupCode:
    """Made once, the same for every process until it is used. Every method raises StoreError."""

    def __init__(self, *, document: SealedDocument) -> None:
        self._document = document

    def code(self) -> str:
        """The code in groups of four."""
        content = self._document.change(lambda known: known or {"code": _new()})
        return "-".join(content["code"][at : at + _GROUP] for at in range(0, _GROUPS * _GROUP, _GROUP))

    def matches(self, given: str) -> bool:
        """Whether it is the code, however it is grouped; compared in constant time."""
        plain = given.lower().translate(_LOOKALIKES)
        return hmac.compare_digest(plain.encode(), self.code().replace("-", "").encode())

    def forget(self) -> None:
        """It was used: the next one is another."""
        self._document.change(lambda _: {})


def _new() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP))
