"""Templates that a person's own entries teach, beside the enrolled ones, which they never replace."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from daemon.storage.people import Embedding, NewTemplate
from daemon.storage.records import StoredTemplate
from daemon.storage.session import ModelRow, PersonRow, Session
from daemon.storage.store import Store

SOURCE = "learned"


@dataclass(frozen=True)
class Bounds:
    """What may be learned: `least_score` (cosine) is to an enrolled template, `limit` learned ones of one person."""

    least_score: float
    limit: int
    interval: timedelta


@dataclass(frozen=True)
class _Lesson:
    person_id: str
    template: NewTemplate
    bounds: Bounds
    now: datetime


@dataclass(frozen=True)
class _Place:
    """Where a probe goes, and the learned template that makes way for it."""

    row: PersonRow
    model: ModelRow
    transformed: Embedding
    instead_of: int | None


def learn(store: Store, person_id: str, template: NewTemplate, *, bounds: Bounds) -> bool:
    """Add a probe to a person's templates if it is within bounds; False changes nothing.

    Compared with enrolled templates only: learned from learned ones, a face could walk away step by step. With the
    limit reached, the learned template of least quality makes way for a better one. Raises StoreError.
    """
    lesson = _Lesson(person_id, template, bounds, datetime.now(timezone.utc))
    with store.file.reading() as session:
        if _place(store, session, lesson) is None:
            return False
    with store.file.writing() as session:
        place = _place(store, session, lesson)
        if place is None:
            return False
        if place.instead_of is not None:
            session.connection.execute("DELETE FROM template WHERE template = ?", (place.instead_of,))
        stored = StoredTemplate(person_id, lesson.now, template.quality, SOURCE, place.transformed)
        session.put_templates(place.row.number, place.model, [stored], active=True)
    if place.instead_of is not None:
        store.file.empty_log()
    return True


def _place(store: Store, session: Session, lesson: _Lesson) -> _Place | None:
    template, bounds = lesson.template, lesson.bounds
    row, model = session.find(lesson.person_id), session.model(template.model)
    if row is None or model is None or not row.active:
        return None
    probe = store.transform(session.secret("transform"), template.embedding.size)(template.embedding)
    own = [
        (number, one)
        for number, of, one in session.open_templates(row, {each.number: each for each in session.models()})
        if one is not None and of == model
    ]
    enrolled = [one for _, one in own if one.source != SOURCE]
    learned = [(one.quality, number, one.created) for number, one in own if one.source == SOURCE]
    score = max((float(one.embedding @ probe) for one in enrolled), default=-1.0)
    # Asked so that a NaN learns nothing.
    if not score >= bounds.least_score or any(lesson.now - created < bounds.interval for _, _, created in learned):
        return None
    if len(learned) < bounds.limit:
        return _Place(row, model, probe, None)
    quality, number, _ = min(learned)
    return _Place(row, model, probe, number) if template.quality > quality else None
