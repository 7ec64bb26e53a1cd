"""Many people enrolled one after the other; one who can't be stops nobody else, and a second run goes on."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from daemon.enrolment.bulk_progress import BulkProgress
from daemon.enrolment.enroller import Enrolment, NamedImage
from daemon.enrolment.portraits import UNREADABLE, Portraits, read_portraits
from daemon.errors import AlreadyEnrolled, AutherError, EnrolmentError, PersonIdError, PictureError, Refusal
from daemon.storage.people import Person, check_person_id

# What is wrong with one person and says nothing about the next.
ONES_OWN = (AlreadyEnrolled, EnrolmentError, PersonIdError, PictureError)
# Of the REST contract.
_CODES: dict[type[AutherError], str] = {AlreadyEnrolled: "R_007", PersonIdError: "R_006", PictureError: UNREADABLE}


class Enrols(Protocol):
    """What enrols one person: see `Enroller.enrol`."""

    def enrol(
        self, person_id: str, images: Sequence[NamedImage], *, source: str, replace: bool = False
    ) -> Enrolment: ...


@dataclass(frozen=True)
class Outcome:
    """What became of one person: `person` and `error` exclude each other; `skipped` was done by an earlier run."""

    person_id: str
    person: Person | None = None
    refused: tuple[Refusal, ...] = ()
    error: AutherError | None = None
    skipped: bool = False


class BulkEnrolment:
    """Enrols people in their order. `enrolled` are the ids that there are before; `replace` puts new pictures there.

    Raises, besides what is wrong with one person and is told in the outcome, StoreError.
    """

    def __init__(
        self, *, enroller: Enrols, progress: BulkProgress, enrolled: Collection[str], replace: bool = False
    ) -> None:
        self._enroller = enroller
        self._progress = progress
        self._enrolled = enrolled
        self._replace = replace

    def run(self, people: Sequence[Portraits]) -> Iterator[Outcome]:
        """An outcome for each, as it comes; a person counts as done once the next outcome is asked for."""
        for portraits in people:
            if self._progress.ended(portraits):
                yield Outcome(portraits.person_id, skipped=True)
                continue
            yield self._one(portraits)
            self._progress.end(portraits)

    def _one(self, portraits: Portraits) -> Outcome:
        person_id = portraits.person_id
        there = person_id in self._enrolled
        mine = self._replace or self._progress.begun(portraits)
        refused: list[Refusal] = []
        try:
            check_person_id(person_id)
            if there and not mine:
                raise AlreadyEnrolled(f"person {person_id}: is enrolled; replace or remove them first")
            self._progress.begin(portraits)
            images, refused = read_portraits(portraits.files)
            enrolment = self._enroller.enrol(person_id, images, source="folder", replace=there)
        except ONES_OWN as error:
            return Outcome(person_id, error=error, refused=(*refused, *_refusals(error)))
        return Outcome(person_id, enrolment.person, (*refused, *enrolment.refused))


def _refusals(error: AutherError) -> tuple[Refusal, ...]:
    if isinstance(error, EnrolmentError):
        return error.refused or (Refusal("", error.code, str(error)),)
    return (Refusal("", _CODES[type(error)], str(error)),)
