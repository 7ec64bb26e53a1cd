"""Files of the console, sealed with a key of the tests."""

from pathlib import Path

from daemon.console.document import SealedDocument
from daemon.storage.vault import Cipher


def document(folder: Path, name: str = "document", *, key: bytes = bytes(32)) -> SealedDocument:
    return SealedDocument(path=folder / name, seal=Cipher(data_key=key))
