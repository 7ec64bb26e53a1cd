"""Does the false-positive identification rate that is chosen hold as the gallery grows? A simulation with strangers.

Galleries are drawn from Labeled Faces in the Wild and searched with pictures of people who are not in them, at the
threshold that the terminal would use. A person has as many templates as asked: first people who have so many pictures,
then, where those are used up, "people" put together of different people's pictures, which is the worst case, since
their scores are as independent as scores can be. Every picture is a probe in every draw, without its own identity's
templates. The confidence interval (95 %) counts a false match as one event for either of its two identities.
"""

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from daemon.config.settings import QualityLimits, Vision
from daemon.enrolment.pictures import read_picture
from daemon.vision.recogniser import Recogniser, load_recogniser
from models.geometry import Image
from models.similarity import ScoreScale

DATA = Path(os.environ.get("AUTHER_EVALUATION_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
GALLERIES = ((100, 1), (1000, 1), (3000, 1), (100, 5), (1000, 3))
RATES = (0.01, 0.001)

# One person under two names in the data: two spellings, a married name, and the same photograph twice.
SAME = {
    "Hassan_Wirajuda": "Hasan_Wirayuda",
    "Dai_Chul_Chyung": "Chyung_Dai-chul",
    "Cristina_Kirchner": "Cristina_Fernandez",
    "Martha_Bowen": "Gabrielle_Rose",
}

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Faces:
    """n pictures: whose they are, int (n,), and their scores, probe by reference, (n, n)."""

    identities: Indices
    scores: Floats


@dataclass(frozen=True)
class Case:
    """A gallery of so many people with so many templates each, and the FPIR chosen for it."""

    people: int
    templates: int
    rate: float


@dataclass(frozen=True)
class Figure:
    """An FPIR with its confidence interval, and the FNIR that it costs (None: nobody had a picture left over)."""

    fpir: float
    low: float
    high: float
    fnir: float | None


def main(argv: Sequence[str]) -> int:
    """Print a line a figure; exit status 1 if a rate is exceeded beyond its confidence interval."""
    parser = argparse.ArgumentParser(prog="bench open-set", description=__doc__)
    parser.add_argument("--draws", type=int, default=40, help="galleries drawn for each figure")
    parser.add_argument("--embeddings", type=Path, help="an .npz to keep the embeddings in between runs")
    options = parser.parse_args(argv)
    cv2.setNumThreads(1)
    recogniser = load_recogniser(vision=Vision(), limits=QualityLimits())
    faces = _faces(DATA / "lfw_dev" / "images", recogniser, kept=options.embeddings)
    print(f"{len(faces.identities)} pictures of {len(np.unique(faces.identities))} people, {options.draws} draws each")
    cases = [Case(people, templates, rate) for people, templates in GALLERIES for rate in RATES]
    held = [_report(faces, recogniser.scale, case, options.draws) for case in cases]
    return 0 if all(held) else 1


def _report(faces: Faces, scale: ScoreScale, case: Case, draws: int) -> bool:
    threshold = scale.identification_threshold(case.rate, case.people * case.templates)
    figure = _measure(faces, case, threshold, draws)
    held = figure.low <= case.rate
    fnir = "" if figure.fnir is None else f"; FNIR {figure.fnir:.3f}"
    print(
        f"{case.people:>5} people x {case.templates}: FPIR {figure.fpir:.5f} "
        f"(95 %: {figure.low:.5f} to {figure.high:.5f}), chosen {case.rate}: {'holds' if held else 'EXCEEDED'}; "
        f"threshold {threshold:.3f}{fnir}"
    )
    if case.templates > 1:
        alone = _measure(faces, case, scale.identification_threshold(case.rate, case.people), draws)
        print(f"{'':>5} with the threshold for {case.people} templates it would be {alone.fpir:.5f}")
    return held


def _measure(faces: Faces, case: Case, threshold: float, draws: int) -> Figure:
    count = int(faces.identities.max()) + 1
    touching = np.zeros(count)
    events = searches = missed = mated = 0
    for draw in range(draws):
        enrolled = _draw(faces.identities, case.people, case.templates, np.random.default_rng(draw))
        hits = faces.scores[:, enrolled] >= threshold
        own = faces.identities[:, None] == faces.identities[enrolled][None]
        strangers = hits & ~own
        false = np.flatnonzero(strangers.any(axis=1))
        events, searches = events + len(false), searches + len(hits)
        for probe in false:
            touching[faces.identities[probe]] += 1
            matched = np.unique(faces.identities[enrolled[strangers[probe]]])
            if len(matched) == 1:  # removing one of several would not undo the event
                touching[matched[0]] += 1
        left = own.any(axis=1)
        left[enrolled] = False
        mated += int(left.sum())
        missed += int((left & ~(hits & own).any(axis=1)).sum())
    rate = events / searches
    deviation = float(np.sqrt((touching**2).sum())) / max(1, events)
    # A rate near 0 has a lopsided error, so the interval is one of its logarithm.
    spread = float(np.exp(1.96 * deviation))
    return Figure(rate, rate / spread, rate * spread, missed / mated if mated else None)


def _draw(identities: Indices, people: int, templates: int, random: np.random.Generator) -> Indices:
    """The pictures (people * templates,) of a gallery, no picture twice."""
    pictures: defaultdict[int, list[int]] = defaultdict(list)
    for index in random.permutation(len(identities)):
        pictures[int(identities[index])].append(int(index))
    whole = [own[:templates] for own in pictures.values() if len(own) >= templates][:people]
    chosen = [index for own in whole for index in own]
    rest = np.setdiff1d(random.permutation(len(identities)), chosen)
    missing = people * templates - len(chosen)
    if missing > len(rest):
        raise ValueError(f"{people} people with {templates} templates need more pictures than {len(identities)}")
    return np.concatenate([np.array(chosen, np.intp), random.permutation(rest)[:missing]])


def _faces(folder: Path, recogniser: Recogniser, *, kept: Path | None) -> Faces:
    if kept is not None and kept.exists():
        with np.load(kept) as stored:
            names, probes, references = stored["names"], stored["probes"], stored["references"]
    else:
        names, probes, references = _embed(folder, recogniser)
        if kept is not None:
            np.savez(kept, names=names, probes=probes, references=references)
    names = np.array([SAME.get(str(name), str(name)) for name in names])
    identities = np.unique(names, return_inverse=True)[1].astype(np.intp)
    return Faces(identities, probes @ references.T)


def _embed(folder: Path, recogniser: Recogniser) -> tuple[npt.NDArray[np.str_], Floats, Floats]:
    names, probes, references = [], [], []
    for path in sorted(folder.glob("*/*.jpg")):
        image = read_picture(path)
        found = recogniser.detect(image)
        if not found:
            continue
        middle = np.array(_middle(image))
        view = recogniser.view(image, min(found, key=lambda face: float(np.hypot(*(face.box.centre - middle)))))
        names.append(path.parent.name)
        probes.append(recogniser.embed(view))
        references.append(recogniser.reference(view))
    if not names:
        raise SystemExit(f"{folder}: no pictures; set AUTHER_EVALUATION_DATA to the folder with lfw_dev in it")
    return np.array(names), np.stack(probes), np.stack(references)


def _middle(image: Image) -> tuple[float, float]:
    height, width = image.shape[:2]
    return width / 2, height / 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
