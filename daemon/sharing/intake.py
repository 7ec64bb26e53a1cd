"""Puts what another terminal has changed into the store, if it is the later change."""

from collections.abc import Callable

from daemon.sharing.messages import PersonMessage, SharedPerson
from daemon.sharing.rows import ShareRow, ShareTable, seal_of
from daemon.sharing.versions import Verdict, Version
from daemon.storage.departures import remove_person
from daemon.storage.records import micros
from daemon.storage.session import ModelRow, Session

Judge = Callable[[Version | None, Version], Verdict]


class Intake:
    """Takes messages within one transaction.

    `changed`: people are others now. `erased`: some templates are gone. `overruled`: how many changes made here lost to
    a later one before they were published.
    """

    def __init__(self, *, session: Session, judge: Judge) -> None:
        self._session, self._judge = session, judge
        self._table = ShareTable(session=session)
        self._models: dict[str, ModelRow] = {model.name: model for model in session.models()}
        self.changed = self.erased = False
        self.overruled = 0

    def take(self, message: PersonMessage) -> Verdict:
        """Apply a message if it is newer than what is held; says what it was."""
        held = self._table.find(message.hash)
        verdict = self._judge(held.version if held is not None else None, message.version)
        if verdict is Verdict.NEWER:
            self.overruled += held is not None and held.due
            if message.shared is not None:
                self._put(message, message.shared)
            else:
                self._remove(message, held)
        return verdict

    def _put(self, message: PersonMessage, shared: SharedPerson) -> None:
        person, session = shared.person, self._session
        row = session.find(person.person_id)
        if row is not None:
            session.connection.execute("DELETE FROM template WHERE person = ?", (row.number,))
            # A picture kept here shows what these templates were made from, and that may no longer be so.
            session.connection.execute("DELETE FROM image WHERE person = ? AND kind = 0", (row.number,))
            self.erased = True
        number = session.put_person(person, row.number if row is not None else None)
        for each in shared.templates:
            session.put_templates(number, self._model(each.model), [each.template], active=person.active)
        written = self._table.person(number)
        assert written is not None  # noqa: S101 - it was put there just now, in this transaction
        self._table.put(ShareRow(message.hash, number, seal_of(written), micros(person.updated), message.version))
        self.changed = True

    def _remove(self, message: PersonMessage, held: ShareRow | None) -> None:
        row = self._table.person(held.person) if held is not None and held.person is not None else None
        if row is not None:
            remove_person(self._session, row)
            self.changed = self.erased = True
        self._table.put(ShareRow(message.hash, None, b"", 0, message.version))

    def _model(self, name: str) -> ModelRow:
        if name not in self._models:
            self._models[name] = self._session.need_model(name)
        return self._models[name]
