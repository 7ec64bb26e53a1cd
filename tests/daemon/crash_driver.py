"""Kills writers of a store at random moments and checks what they leave; run by test_store_crash.py.

A process of its own, so that each writer is a cheap fork. Two writers work on one store at a time, each on people of
its own, and say in a pipe what they begin and what they have done. Both are then killed with SIGKILL in the middle of
whatever they are at.
"""

import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from daemon.storage.backup import verify_backup, write_backup
from daemon.storage.masterkey import KeyFile
from daemon.storage.store import Store
from daemon.storage.vault import Vault
from tests.daemon.stores import DIMENSION, MODEL, template, vector

PASSPHRASE = "crash test passphrase"
WRITERS = 2

People = dict[str, int]
"""The people of one writer, and the seed that each one's templates were made from."""


def open_store(folder: Path) -> Store:
    return Store(path=folder / "store.db", vault=Vault(source=KeyFile(folder / "master.key")))


def seeds_of(seed: int) -> list[int]:
    return [seed * 10 + part for part in range(seed % 3 + 1)]


def choose(rng: random.Random, writer: int, people: People) -> str:
    """A thing to do: `verb person_id seed`."""
    person_id = f"w{writer}-{rng.randrange(8)}"
    verb = "backup" if rng.random() < 0.08 else "rotate" if rng.random() < 0.05 else ""
    if not verb:
        verb = "enrol" if person_id not in people else rng.choice(["replace", "remove", "suspend"])
    return f"{verb} {person_id} {rng.randrange(1_000_000)}"


def apply(people: People, action: str) -> People:
    """What the people are once the action is done."""
    verb, person_id, seed = action.split()
    if verb in ("enrol", "replace"):
        return {**people, person_id: int(seed)}
    if verb == "remove":
        return {name: value for name, value in people.items() if name != person_id}
    return people


def perform(store: Store, action: str, folder: Path, writer: int) -> None:
    verb, person_id, seed = action.split()
    if verb in ("enrol", "replace"):
        store.enrol(person_id, [template(part) for part in seeds_of(int(seed))], replace=verb == "replace")
    elif verb == "remove":
        store.remove(person_id)
    elif verb == "suspend":
        store.update(person_id, active=False)
        store.update(person_id, active=True)
    elif verb == "rotate":
        store.file.rotate()
    else:
        write_backup(store, folder / f"{writer}.backup", passphrase=PASSPHRASE, log_cost=1)


def work(folder: Path, writer: int, people: People, pipe: int, seed: int) -> None:
    """What a writer does until it is killed."""
    rng = random.Random(seed)
    store = open_store(folder)
    while True:
        action = choose(rng, writer, people)
        os.write(pipe, f"begin {action}\n".encode())
        perform(store, action, folder, writer)
        people = apply(people, action)
        os.write(pipe, f"done {action}\n".encode())


@dataclass
class Writer:
    """A running writer, seen from outside."""

    number: int
    people: People
    pid: int = 0
    pipe: int = 0
    said: bytes = b""
    verbs: set[str] = field(default_factory=set)

    def start(self, folder: Path, seed: int) -> None:
        self.pipe, end = os.pipe()
        self.said = b""
        self.pid = os.fork()
        if self.pid == 0:
            try:
                work(folder, self.number, self.people, end, seed)
            except BaseException as error:
                os.write(end, f"failed {type(error).__name__}: {error}\n".encode())
            os._exit(1)
        os.close(end)

    def listen(self, lines: int) -> None:
        """Wait until it has said so many lines."""
        while self.said.count(b"\n") < lines and (data := os.read(self.pipe, 4096)):
            self.said += data

    def kill(self) -> tuple[People, People]:
        """Kill it, and give the two states that it may have left: without and with what it was at."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.listen(sys.maxsize)
        os.close(self.pipe)
        before = after = self.people
        for line in self.said.decode().splitlines():
            kind, _, action = line.partition(" ")
            if kind == "failed":
                sys.exit(f"writer {self.number}: {action}")
            after = apply(before, action)
            if kind == "done":
                before = after
                self.verbs.add(action.split()[0])
        return before, after


def stored(store: Store, writer: Writer) -> People:
    """The seeds that the stored templates of a writer's people were made from; every one must be whole."""
    _, _, secret = store.listing(MODEL)
    ids, rows = store.templates(MODEL)
    originals = store.transform(secret, DIMENSION).inverse(rows) if len(ids) else rows
    found: People = {}
    for person in store.people():
        if not person.person_id.startswith(f"w{writer.number}-"):
            continue
        mine = originals[[index for index, name in enumerate(ids) if name == person.person_id]]
        candidates = {*writer.people.values(), *_seeds(writer)}
        whole = [seed for seed in candidates if person.active and _same(mine, seed)]
        if person.active and len(whole) != 1:
            sys.exit(f"{person.person_id}: half done: {len(mine)} templates of {person.templates}")
        # A suspended person shows no templates: killed between the two changes of "suspend".
        found[person.person_id] = whole[0] if whole else _resumed(store, writer, person.person_id)
    return found


def _resumed(store: Store, writer: Writer, person_id: str) -> int:
    store.update(person_id, active=True)
    return stored(store, writer)[person_id]


def _seeds(writer: Writer) -> set[int]:
    return {int(line.split()[3]) for line in writer.said.decode().splitlines()}


def _same(rows: np.ndarray, seed: int) -> bool:
    expected = np.stack([vector(part) for part in seeds_of(seed)])
    return rows.shape == expected.shape and bool(np.allclose(rows, expected, atol=1e-5))


def main(folder: Path, rounds: int, seed: int) -> None:
    rng = random.Random(seed)
    open_store(folder).close()
    writers = [Writer(number, {}) for number in range(WRITERS)]
    for _ in range(rounds):
        for writer in writers:
            writer.start(folder, rng.randrange(2**32))
        writers[0].listen(rng.randrange(1, 9))
        end = time.monotonic() + rng.random() * 0.004
        while time.monotonic() < end:
            pass
        left = [writer.kill() for writer in writers]
        store = open_store(folder)
        for writer, states in zip(writers, left, strict=True):
            found = stored(store, writer)
            if found not in states:
                sys.exit(f"writer {writer.number}: found {found}, expected one of {states}; it said {writer.said!r}")
            writer.people = found
            if (backup := folder / f"{writer.number}.backup").exists():
                verify_backup(backup, passphrase=PASSPHRASE)
        store.close()
    verbs = sorted(set.union(*(writer.verbs for writer in writers)))
    sys.stdout.write(f"{rounds * WRITERS} kills; done meanwhile: {', '.join(verbs)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
