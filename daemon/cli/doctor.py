"""`auther doctor`: what is wrong with this terminal, and what to do."""

from dataclasses import asdict
from pathlib import Path

import click

from daemon.cli.options import JSON_OPTION, echo_json, with_config
from daemon.doctor import Level, examine
from hw.headers import HEADERS, describe

MARKS = {Level.OK: "ok     ", Level.WARNING: "warning", Level.PROBLEM: "PROBLEM"}


@click.command()
@click.option("--pins", is_flag=True, help="Only show which pin is which line, on every board that is known.")
@JSON_OPTION
@with_config
@click.pass_context
def doctor(ctx: click.Context, *, pins: bool, as_json: bool, config: Path | None) -> None:
    """Look at camera, lines, broker, networks, storage and machine; exit status 1 if there is a problem."""
    if pins:
        _show_pins(as_json=as_json)
        return
    findings = []
    for finding in examine(config):
        findings.append(finding)
        if not as_json:
            click.echo(f"{MARKS[finding.level]}  {finding.check}: {finding.text}")
            if finding.advice is not None:
                click.echo(f"         → {finding.advice}")
    if as_json:
        echo_json([asdict(finding) for finding in findings])
    if any(finding.level is Level.PROBLEM for finding in findings):
        ctx.exit(1)


def _show_pins(*, as_json: bool) -> None:
    if as_json:
        echo_json(
            [
                {
                    "board": board.board,
                    "chip": board.chip,
                    "lines": {str(pin): name for pin, name in board.lines.items()},
                }
                for board in HEADERS
            ]
        )
    else:
        click.echo("\n\n".join(describe(header) for header in HEADERS))
