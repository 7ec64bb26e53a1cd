"""What an enrolment came to, in words or as JSON."""

import click

from daemon.cli.options import echo_json
from daemon.cli.people import person_json
from daemon.enrolment.enroller import Enrolment


def report_enrolment(enrolment: Enrolment, *, as_json: bool) -> None:
    """Say who was enrolled on standard output, and which pictures were left out on standard error."""
    person = enrolment.person
    if as_json:
        refused = [{"name": one.name, "code": one.code, "message": one.message} for one in enrolment.refused]
        echo_json({**person_json(person), "refused": refused})
        return
    for one in enrolment.refused:
        click.echo(f"{person.person_id}: left out: {one.code}: {one.message}", err=True)
    click.echo(f"{person.person_id}: enrolled with {person.templates} template(s)")
