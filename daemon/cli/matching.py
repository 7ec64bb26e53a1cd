"""`auther identify`, `auther compare`: one-off checks of pictures, which open no door."""

from pathlib import Path

import click

from daemon.cli.options import JSON_OPTION, PICTURE, echo_json, with_settings
from daemon.config.settings import Settings
from daemon.desk import open_desk
from daemon.enrolment.pictures import read_picture
from daemon.errors import EnrolmentError, PersonNotFound
from daemon.vision.recogniser import Recogniser, load_recogniser
from models.embedder import Embedding


@click.command()
@click.argument("picture", metavar="FILE", type=PICTURE)
@JSON_OPTION
@with_settings
def identify(*, picture: Path, as_json: bool, settings: Settings) -> None:
    """Say whose face is in FILE, by the threshold that the door uses (the largest face counts)."""
    with open_desk(settings) as desk:
        gallery = desk.gallery.current
        probe = _embedding(desk.recogniser, picture)
        scale = desk.recogniser.scale
        best = next(iter(gallery.search(probe)), None)
        needed = scale.similarity(scale.identification_threshold(settings.policy.fpir, len(gallery)))
    similarity = None if best is None else scale.similarity(best.score)
    found = best.person_id if best is not None and similarity is not None and similarity >= needed else None
    if as_json:
        echo_json({"person_id": found, "similarity": similarity, "needed": needed})
    elif found is not None:
        click.echo(f"{found}: {similarity:.1f} % similar (at least {needed:.1f} % needed)")
    if found is None:
        closest = f"the most similar one reaches {similarity:.1f} %" if similarity is not None else "nobody is enrolled"
        raise PersonNotFound(f"{picture}: nobody matches: {closest}, {needed:.1f} % needed")


@click.command()
@click.argument("one", metavar="FILE_A", type=PICTURE)
@click.argument("other", metavar="FILE_B", type=PICTURE)
@JSON_OPTION
@with_settings
def compare(*, one: Path, other: Path, as_json: bool, settings: Settings) -> None:
    """Say how similar the faces in FILE_A and FILE_B are (the largest face of each counts)."""
    recogniser = load_recogniser(vision=settings.vision, limits=settings.quality)
    score = float(_embedding(recogniser, one) @ _embedding(recogniser, other))
    similarity = recogniser.scale.similarity(score)
    if as_json:
        echo_json({"similarity": similarity, "score": score})
    else:
        click.echo(f"{similarity:.1f} % similar (cosine {score:.3f}); from 80 % on they pass as one person")


def _embedding(recogniser: Recogniser, picture: Path) -> Embedding:
    image = read_picture(picture)
    faces = recogniser.detect(image)
    if not faces:
        raise EnrolmentError("F_001", f"{picture}: no face found")
    return recogniser.embed(recogniser.view(image, faces[0]))
