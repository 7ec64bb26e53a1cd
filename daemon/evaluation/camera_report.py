"""What a watched camera means for the settings: what would be refused and why, and which lines to change. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from daemon.config.settings import QualityLimits, Settings
from daemon.evaluation.camera import Glimpse, Watched, measures
from daemon.evaluation.effects import CRITERIA, passes
from daemon.evaluation.light import light_advice
from daemon.vision.recogniser import first_fault

# A presentation is somebody who stays; a face that shows for less is walking past.
MIN_PRESENTATION_SECONDS = 0.5
TOO_MANY_REFUSED = 0.05
# Beyond these, the false non-matches at least double on the evaluation's pictures, or one dark pair of glasses in ten
# and one mask in ten goes unseen (see QualityLimits).
FLOORS: Mapping[str, float] = {
    "min_size_px": 60.0,
    "max_yaw_deg": 45.0,
    "max_pitch_deg": 30.0,
    "max_roll_deg": 40.0,
    "min_sharpness": 20.0,
    "min_brightness": 35.0,
    "max_brightness": 205.0,
    "min_eye_opening": 0.12,
    "min_eye_contrast": 0.15,
    "min_lip_contrast": 0.04,
}
_SHARES = ("min_eye_opening", "min_eye_contrast", "min_lip_contrast")
ADVICE: Mapping[str, str] = {
    "size": "people stop too far away: mount the camera nearer, or a lens with a narrower angle",
    "yaw": "people look past the camera: mount it where they look",
    "pitch": "the camera looks too steeply up or down: mount it at the height of a face",
    "roll": "the camera hangs askew",
    "sharpness": "faces are blurred: focus, more light (shorter exposure), or clean the lens",
    "dark": "faces are too dark: light from the front, or no bright window behind people",
    "bright": "faces are too bright: less direct light, or lower exposure",
    "eyes": "eyes read as closed: less steep a view, less glare on glasses",
    "eye contrast": "people wear dark glasses, or their eyes lie in the shade: light from the front",
    "lip contrast": "people wear masks, or the picture is flat: less light from behind",
}


@dataclass(frozen=True)
class CriterionShare:
    """How often one criterion fails: shares of frames, and of presentations without enough clear frames."""

    criterion: str
    unit: str
    limit: float
    frames_refused: float
    presentations_refused: float
    p5: float
    median: float
    p95: float


@dataclass(frozen=True)
class Proposal:
    """One line for the configuration, in a section, with the reason; no value where only the place can be mended."""

    section: str
    key: str
    value: float | None
    reason: str


@dataclass(frozen=True)
class CameraReport:
    """The numbers of a watched camera; rates are None without a face."""

    seconds: float
    frames: int
    frames_per_second: float
    size: tuple[int, int]
    scene_luma: float | None
    processing_ms: float | None
    presentations: int
    refused: float | None
    reasons: Mapping[str, int]
    criteria: tuple[CriterionShare, ...]
    proposals: tuple[Proposal, ...]
    light: tuple[str, ...]


def report_on(watched: Watched, *, settings: Settings) -> CameraReport:
    """Judge what was watched by the settings in force.

    A presentation is refused if it never offers the policy's number of agreeing frames without a fault in succession.
    """
    needed, limits = settings.policy.agreeing_frames, settings.quality
    tracks = _presentations(watched.glimpses)
    refused = [track for track in tracks if not _suffices([_is_clear(glimpse, limits) for glimpse in track], needed)]
    faults = Counter(
        fault.value
        for track in refused
        for glimpse in track
        if (fault := first_fault(glimpse.quality, limits)) is not None
    )
    rate = (watched.frames - 1) / watched.seconds if watched.seconds else 0.0
    criteria = _criteria(tracks, limits, needed) if tracks else ()
    scene = float(np.mean(watched.luma)) if watched.luma else None
    return CameraReport(
        seconds=watched.seconds,
        frames=watched.frames,
        frames_per_second=rate,
        size=watched.size,
        scene_luma=scene,
        processing_ms=float(np.median(watched.processing_ms)) if watched.processing_ms else None,
        presentations=len(tracks),
        refused=len(refused) / len(tracks) if tracks else None,
        reasons=dict(faults.most_common()),
        criteria=criteria,
        proposals=(*_quality_proposals(criteria), *_rate_proposals(rate, watched)),
        light=light_advice(
            brightness=[glimpse.quality.brightness for glimpse in watched.glimpses],
            contrast=[glimpse.contrast for glimpse in watched.glimpses],
            scene_luma=scene,
            limits=limits,
        ),
    )


def to_json(report: CameraReport) -> dict[str, object]:
    return asdict(report)


def summary(report: CameraReport) -> list[str]:
    """The numbers in lines of text, and the proposals as TOML."""
    width, height = report.size
    lines = [
        f"{report.frames} frames of {width}×{height} in {report.seconds:.1f} s: {report.frames_per_second:.1f} frames/s"
        + (f", {report.processing_ms:.1f} ms a face" if report.processing_ms is not None else ""),
    ]
    if report.scene_luma is not None:
        lines.append(f"mean luma of the scene {report.scene_luma:.0f} of 255")
    lines += [f"light: {advice}" for advice in report.light]
    if report.refused is None:
        return [*lines, "nobody stayed in front of the camera: nothing can be said of the thresholds"]
    lines.append(f"{report.presentations} presentations, {report.refused:.0%} of them would be refused")
    lines += [
        f"  {c.criterion}: {c.median:.4g} {c.unit} (5 % below {c.p5:.4g}, 5 % above {c.p95:.4g}); limit {c.limit:g}"
        f" refuses {c.frames_refused:.0%} of frames, {c.presentations_refused:.0%} of presentations"
        for c in report.criteria
    ]
    return [*lines, *_toml(report.proposals)]


def _presentations(glimpses: Sequence[Glimpse]) -> list[list[Glimpse]]:
    tracks: defaultdict[int, list[Glimpse]] = defaultdict(list)
    for glimpse in glimpses:
        tracks[glimpse.track_id].append(glimpse)
    return [track for track in tracks.values() if track[-1].at - track[0].at >= MIN_PRESENTATION_SECONDS]


def _is_clear(glimpse: Glimpse, limits: QualityLimits) -> bool:
    return first_fault(glimpse.quality, limits) is None


def _suffices(clear: Sequence[bool], needed: int) -> bool:
    run = 0
    for good in clear:
        run = run + 1 if good else 0
        if run >= needed:
            return True
    return False


def _criteria(tracks: Sequence[Sequence[Glimpse]], limits: QualityLimits, needed: int) -> tuple[CriterionShare, ...]:
    shares = []
    for name, criterion in CRITERIA.items():
        values = [measures(glimpse.quality)[name] for track in tracks for glimpse in track]
        kept = [[passes(glimpse.quality, limits)[name] for glimpse in track] for track in tracks]
        p5, median, p95 = (float(value) for value in np.quantile(values, (0.05, 0.5, 0.95)))
        shares.append(
            CriterionShare(
                criterion=name,
                unit=criterion.unit,
                limit=float(getattr(limits, criterion.limit)),
                frames_refused=1 - float(np.mean([good for track in kept for good in track])),
                presentations_refused=float(np.mean([not _suffices(track, needed) for track in kept])),
                p5=p5,
                median=median,
                p95=p95,
            )
        )
    return tuple(shares)


def _quality_proposals(criteria: Sequence[CriterionShare]) -> list[Proposal]:
    """A limit that lets 95 % of the frames pass, where the present one refuses people; never looser than its floor."""
    proposals = []
    for share in criteria:
        if share.presentations_refused <= TOO_MANY_REFUSED:
            continue
        criterion = CRITERIA[share.criterion]
        key, floor = criterion.limit, FLOORS[criterion.limit]
        wanted = share.p5 if criterion.is_least else share.p95
        allowed = wanted >= floor if criterion.is_least else wanted <= floor
        why = f"{share.presentations_refused:.0%} of presentations fail; {ADVICE[share.criterion]}"
        digits = 2 if key in _SHARES else 0
        proposals.append(Proposal("quality", key, round(wanted, digits) if allowed else None, why))
    return proposals


def _rate_proposals(rate: float, watched: Watched) -> list[Proposal]:
    if not watched.seconds or rate >= 8:
        return []
    return [
        Proposal(
            "camera",
            "fps",
            None,
            f"only {rate:.1f} frames/s come: more light (shorter exposure) or a smaller picture; decisions take longer",
        )
    ]


def _toml(proposals: Sequence[Proposal]) -> list[str]:
    if not proposals:
        return ["the settings fit this place"]
    lines = ["proposed settings:"]
    for section in dict.fromkeys(proposal.section for proposal in proposals):
        lines.append(f"[{section}]")
        for proposal in (p for p in proposals if p.section == section):
            lines.append(f"# {proposal.reason}")
            lines.append(
                f"# {proposal.key}: leave it; no value that is still safe would let these people pass"
                if proposal.value is None
                else f"{proposal.key} = {proposal.value}"
            )
    return lines
