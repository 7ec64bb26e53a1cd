"""A folder of people enrolled one after the other; who can't be is reported, and the others go on."""

import sys
from collections.abc import Sequence

import click

from daemon.app import Desk
from daemon.cli.failures import explain
from daemon.cli.options import echo_json
from daemon.cli.reports import report_enrolment
from daemon.enrolment import Enroller, Enrolment
from daemon.errors import AlreadyEnrolled, EnrolmentError, PersonIdError, PictureError
from daemon.people import check_person_id
from daemon.portraits import Portraits, read_portraits

# What is wrong with one person and says nothing about the next.
ONES_OWN = (AlreadyEnrolled, EnrolmentError, PersonIdError, PictureError)


def enrol_folder(people: Sequence[Portraits], *, desk: Desk, replace: bool, as_json: bool) -> None:
    """Enrol everybody, with a progress bar on a terminal. Raises PictureError at the end if anybody was left out."""
    enroller = Enroller(recogniser=desk.recogniser, gallery=desk.gallery)
    enrolled_before = {person.person_id for person in desk.store.people()}
    left_out = 0
    with click.progressbar(people, file=sys.stderr, label="enrolling", hidden=not sys.stderr.isatty()) as bar:
        for portraits in bar:
            try:
                again = replace and portraits.person_id in enrolled_before
                enrolment = _enrol(portraits, enroller, replace=again)
            except ONES_OWN as error:
                left_out += 1
                _report_failure(portraits.person_id, error, as_json=as_json)
            else:
                _clear_line()
                report_enrolment(enrolment, as_json=as_json)
    if left_out:
        raise PictureError(f"{left_out} of {len(people)} people were not enrolled")


def _enrol(portraits: Portraits, enroller: Enroller, *, replace: bool) -> Enrolment:
    check_person_id(portraits.person_id)
    images, unreadable = read_portraits(portraits.files)
    enrolment = enroller.enrol(portraits.person_id, images, source="folder", replace=replace)
    return Enrolment(enrolment.person, (*unreadable, *enrolment.refused))


def _report_failure(person_id: str, error: Exception, *, as_json: bool) -> None:
    _clear_line()
    if as_json:
        code = error.code if isinstance(error, EnrolmentError) else None
        echo_json({"person_id": person_id, "error": str(error), "code": code})
    click.echo(f"{person_id}: not enrolled: {explain(error)}", err=True)


def _clear_line() -> None:
    """The bar stands in the line that a message is to be written to."""
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
