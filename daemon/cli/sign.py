"""`auther sign`: the headers of a signed request, for curl and for checking one's own code. Needs no terminal."""

import secrets
import sys
import time
from pathlib import Path

import click

from daemon.errors import ApiKeyError
from daemon.signing import Algorithm, Stamp, load_private_key, request_text, sign_hmac, sign_rsa


@click.command()
@click.argument("method", metavar="METHOD")
@click.argument("target", metavar="PATH")
@click.option(
    "--body", type=click.Path(path_type=Path, readable=False), metavar="FILE", help="The body; - is standard input."
)
@click.option(
    "--secret-file",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="The key's secret: hmac-sha256.",
)
@click.option(
    "--private-key", type=click.Path(path_type=Path, readable=False), metavar="PEM", help="The RSA key: rsa-sha256."
)
def sign(*, method: str, target: str, body: Path | None, secret_file: Path | None, private_key: Path | None) -> None:
    """Print the headers that sign a request, one a line, for `curl -H @FILE`.

    METHOD is GET, POST and so on, PATH what stands in the request line: path and query.
    """
    if (secret_file is None) == (private_key is None):
        raise click.UsageError("choose one of --secret-file and --private-key")
    stamp = Stamp(int(time.time()), secrets.token_hex(16))
    text = request_text(method.upper(), target, stamp, b"" if body is None else _read(body))
    if secret_file is not None:
        algorithm, signature = Algorithm.HMAC, sign_hmac(_read(secret_file).strip(), text)
    else:
        algorithm, signature = Algorithm.RSA, sign_rsa(load_private_key(_read(private_key or Path("-"))), text)
    click.echo(f"Signature-Timestamp: {stamp.timestamp}")
    click.echo(f"Signature-Nonce: {stamp.nonce}")
    click.echo(f"Signature-Algorithm: {algorithm.value}")
    click.echo(f"Signature: {signature}")


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise ApiKeyError(f"{path}: can't be read: {error.strerror}") from error
