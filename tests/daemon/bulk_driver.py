"""A bulk enrolment in a process of its own, to be killed: `bulk_driver STORE FOLDER KILL_AT AFTER_COMMIT`."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from daemon.enrolment.bulk import BulkEnrolment, Outcome
from daemon.enrolment.bulk_progress import BulkProgress, progress_path
from daemon.enrolment.bulk_report import RefusalReport
from daemon.enrolment.enroller import Enrolment, NamedImage
from daemon.enrolment.portraits import portraits_in
from daemon.errors import EnrolmentError, Refusal
from daemon.storage.store import Store
from tests.daemon.stores import open_store, template


class StubEnroller:
    """Enrols everybody but those named `bad…`, leaves one picture out, and may be killed at its work."""

    def __init__(self, store: Store, *, kill_at: int = -1, after_commit: bool = False) -> None:
        self._store = store
        self._kill_at = kill_at
        self._after_commit = after_commit
        self.calls: list[str] = []

    def enrol(self, person_id: str, images: Sequence[NamedImage], *, source: str, replace: bool = False) -> Enrolment:
        self.calls.append(person_id)
        if person_id.startswith("bad"):
            refused = [Refusal(images[0].name, "F_005", "blurred"), Refusal("other", "F_001", "no face")]
            raise EnrolmentError("F_005", "blurred", refused)
        if len(self.calls) == self._kill_at and not self._after_commit:
            os.kill(os.getpid(), signal.SIGKILL)
        person = self._store.enrol(person_id, [template(len(person_id))], replace=replace)
        if len(self.calls) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return Enrolment(person, (Refusal(f"{person_id}/second.png", "F_003", "=too small"),))


def run(store: Store, folder: Path, enroller: StubEnroller, *, replace: bool = False) -> list[Outcome]:
    progress = BulkProgress(path=progress_path(store.path.parent, folder), keyed=store.person_hash)
    report = RefusalReport(path=folder.parent / "report.csv", again=progress.resumed)
    enrolled = {person.person_id for person in store.people()}
    bulk = BulkEnrolment(enroller=enroller, progress=progress, enrolled=enrolled, replace=replace)
    outcomes = []
    for outcome in bulk.run(portraits_in(folder)):
        report.put(outcome.person_id, outcome.refused, enrolled=outcome.person is not None)
        outcomes.append(outcome)
    report.close()
    progress.close(finished=True)
    return outcomes


def main(store_folder: Path, folder: Path, kill_at: int, after_commit: bool) -> None:
    store = open_store(store_folder)
    run(store, folder, StubEnroller(store, kill_at=kill_at, after_commit=after_commit))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1")
