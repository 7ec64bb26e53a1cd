"""A terminal that shares people, as a process of its own: a word on standard input, a line of JSON on standard output.

Its store is changed beside the sharing thread and as other processes do it: by the store alone.
"""

import hashlib
import json
import random
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from daemon.backoff import Backoff
from daemon.config.settings import Mqtt, Sharing
from daemon.errors import AlreadyEnrolled, PersonNotFound
from daemon.sharing.repairs import Repairs
from daemon.sharing.site_key import SiteKey
from daemon.sharing.thread import Sharer
from daemon.storage.store import Store
from tests.daemon.stores import MODEL, open_store, template

SITE = SiteKey(key=bytes(range(100, 132)))


def sharer(store: Store, port: int, device_id: str, **sharing: object) -> Sharer:
    """With short times, for tests."""
    return Sharer(
        store=store,
        site=SITE,
        sharing=Sharing.model_validate(sharing),
        mqtt=Mqtt.model_validate({"host": "127.0.0.1", "port": port}),
        device_id=device_id,
        alarm=lambda _kind, _detail: None,
        backoff=Backoff(shortest=0.02, longest=0.1),
        repairs=Repairs(spread=0.2, repeat=0.2),
    )


def fingerprint(store: Store) -> str:
    """The same for two stores that hold the same people with the same templates."""
    person_ids, rows = store.templates(MODEL)
    found = sorted(zip(person_ids, (row.tobytes() for row in rows), strict=True))
    people = sorted((each.person_id, each.updated.isoformat(), each.active, each.groups) for each in store.people())
    return hashlib.sha256(repr((people, found)).encode()).hexdigest()


def change(store: Store, rng: random.Random, person_id: str) -> None:
    """Enrol, replace, suspend or remove somebody, whatever is possible."""
    try:
        known = store.person(person_id)
    except PersonNotFound:
        store.enrol(person_id, [template(rng.randrange(2**32)) for _ in range(rng.randrange(1, 3))], replace=False)
        return
    action = rng.randrange(3)
    if action == 0:
        store.remove(person_id)
    elif action == 1:
        store.update(person_id, active=not known.active, groups=(f"group {rng.randrange(9)}",))
    else:
        store.enrol(person_id, [template(rng.randrange(2**32))], replace=True)


class Terminal:
    """Answers the words of a test."""

    def __init__(self, *, folder: Path, port: int, device_id: str) -> None:
        self._store, self._port, self._device_id = open_store(folder), port, device_id
        self._rng = random.Random(device_id)
        self._sharer: Sharer | None = None

    def online(self) -> Mapping[str, Any]:
        self._sharer = sharer(self._store, self._port, self._device_id)
        self._sharer.start()
        return {}

    def offline(self) -> Mapping[str, Any]:
        if self._sharer is not None:
            self._sharer.close()
        self._sharer = None
        return {}

    def change(self, first: int, count: int) -> Mapping[str, Any]:
        for _ in range(count):
            with suppress(AlreadyEnrolled, PersonNotFound):  # another terminal's change came between look and act
                change(self._store, self._rng, f"person-{first + self._rng.randrange(count)}")
        return {}

    def state(self) -> Mapping[str, Any]:
        state = {} if self._sharer is None else asdict(self._sharer.state)
        return {"fingerprint": fingerprint(self._store), "people": len(self._store.people()), **state}

    def answer(self, line: str) -> Mapping[str, Any]:
        word, *numbers = line.split()
        if word == "change":
            return self.change(*map(int, numbers))
        return {"online": self.online, "offline": self.offline, "state": self.state}[word]()


def main() -> None:
    terminal = Terminal(folder=Path(sys.argv[1]), port=int(sys.argv[2]), device_id=sys.argv[3])
    for line in sys.stdin:
        sys.stdout.write(json.dumps(terminal.answer(line)) + "\n")
        sys.stdout.flush()
    terminal.offline()


if __name__ == "__main__":
    main()
