"""A folder or a table of people enrolled one after the other; who can't be is reported, and the others go on."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from daemon.cli.failures import explain
from daemon.cli.options import echo_json
from daemon.cli.reports import report_enrolment
from daemon.desk import Desk
from daemon.enrolment.bulk import BulkEnrolment, Enrols, Outcome
from daemon.enrolment.bulk_progress import BulkProgress, progress_path
from daemon.enrolment.bulk_report import RefusalReport
from daemon.enrolment.enroller import Enrolment
from daemon.enrolment.portraits import Portraits
from daemon.errors import EnrolmentError, PictureError


def enrol_everybody(
    people: Sequence[Portraits],
    *,
    source: Path,
    desk: Desk,
    enroller: Enrols,
    replace: bool,
    report: Path | None,
    as_json: bool,
) -> None:
    """Enrol everybody of `source`, with a progress bar on a terminal, going on where an interrupted run stopped.

    Raises PictureError at the end if anybody was left out.
    """
    left_out = 0
    with ExitStack() as stack:
        progress = stack.enter_context(_progress(desk, source))
        if progress.resumed:
            click.echo(f"{source}: going on where an earlier run was interrupted", err=True)
        written = RefusalReport(path=report, again=progress.resumed) if report is not None else None
        if written is not None:
            stack.callback(written.close)
        enrolled = {person.person_id for person in desk.store.people()}
        bulk = BulkEnrolment(enroller=enroller, progress=progress, enrolled=enrolled, replace=replace)
        for outcome in _shown(bulk.run(people), count=len(people)):
            left_out += outcome.error is not None
            if written is not None:
                written.put(outcome.person_id, outcome.refused, enrolled=outcome.person is not None)
            _tell(outcome, as_json=as_json)
    if left_out:
        where = f"; see {report}" if report is not None else ""
        raise PictureError(f"{left_out} of {len(people)} people were not enrolled{where}")


@contextmanager
def _progress(desk: Desk, source: Path) -> Iterator[BulkProgress]:
    progress = BulkProgress(path=progress_path(desk.store.path.parent, source), keyed=desk.store.person_hash)
    finished = False
    try:
        yield progress
        finished = True
    finally:
        progress.close(finished=finished)


def _shown(outcomes: Iterable[Outcome], *, count: int) -> Iterator[Outcome]:
    hidden = not sys.stderr.isatty()
    with click.progressbar(outcomes, length=count, file=sys.stderr, label="enrolling", hidden=hidden) as bar:
        yield from bar


def _tell(outcome: Outcome, *, as_json: bool) -> None:
    _clear_line()
    if outcome.person is not None:
        report_enrolment(Enrolment(outcome.person, outcome.refused), as_json=as_json)
    if outcome.error is None:
        return
    if as_json:
        code = outcome.error.code if isinstance(outcome.error, EnrolmentError) else None
        echo_json({"person_id": outcome.person_id, "error": str(outcome.error), "code": code})
    click.echo(f"{outcome.person_id}: not enrolled: {explain(outcome.error)}", err=True)


def _clear_line() -> None:
    """The bar stands in the line that a message is to be written to."""
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
