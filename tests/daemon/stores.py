"""What the tests of the storage share: people, and a store that is made quickly."""

from pathlib import Path

import numpy as np

from daemon.storage.masterkey import GivenKey
from daemon.storage.people import Embedding, NewTemplate
from daemon.storage.store import Store
from daemon.storage.transform import TransformFactory, rotation
from daemon.storage.vault import Vault

MODEL = "testnet/1"
DIMENSION = 16
KEY = GivenKey("the test's key", bytes(range(32)))


def open_store(folder: Path, *, key: GivenKey = KEY, transform: TransformFactory = rotation) -> Store:
    return Store(path=folder / "store.db", vault=Vault(source=key), transform=transform)


def vector(seed: int, *, dimension: int = DIMENSION) -> Embedding:
    values = np.random.default_rng(seed).standard_normal(dimension)
    unit: Embedding = (values / np.linalg.norm(values)).astype(np.float32)
    return unit


def template(seed: int, *, model: str = MODEL, dimension: int = DIMENSION) -> NewTemplate:
    return NewTemplate(vector(seed, dimension=dimension), model, "test", 0.9)
