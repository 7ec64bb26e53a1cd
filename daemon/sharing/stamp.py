"""Gives the changes that were made on this terminal their versions: in any process, also while the daemon was down."""

from collections.abc import Mapping
from dataclasses import replace as changed

from daemon.sharing.messages import SharedTemplate, encode_person
from daemon.sharing.rows import ShareRow, ShareTable, seal_of
from daemon.sharing.site_key import SiteKey
from daemon.sharing.versions import next_version
from daemon.storage.records import micros
from daemon.storage.session import ModelRow, PersonRow, Session
from daemon.storage.vault import Unauthentic


class Stamper:
    """Compares the people with what was last known of them, within one transaction."""

    def __init__(self, *, session: Session, site: SiteKey, device_id: str) -> None:
        self._session, self._site, self._device = session, site, device_id
        self.table = ShareTable(session=session)
        self._models: Mapping[int, ModelRow] = {model.number: model for model in session.models()}

    def stamp_people(self, after: int, limit: int) -> int | None:
        """Look at no more than `limit` changed records above that row number; gives where to go on, None at the end."""
        rows = self.table.changed(after, limit)
        for row in rows:
            self._stamp(row)
        return rows[-1].number if rows else None

    def stamp_removals(self) -> None:
        """Give those who were removed here a version that says so, of the time of their removal."""
        for row in self.table.removed():
            digest = self._site.content_digest(b"")
            version = next_version(row.version, ms=row.removed or 0, device=self._device, digest=digest)
            self.table.put(ShareRow(row.hash, None, b"", 0, version, due=True))

    def content(self, row: PersonRow) -> bytes | None:
        """What travels of a person; None when a record is damaged, which must not spread as a loss."""
        try:
            person = self._session.open_person(row)
        except Unauthentic:
            return None
        templates = []
        for _, model, template in self._session.open_templates(row, self._models):
            if template is None:
                return None
            templates.append(SharedTemplate(model.name, template))
        return encode_person(person, templates)

    def _stamp(self, row: PersonRow) -> None:
        try:
            person = self._session.open_person(row)
        except Unauthentic:
            return
        person_hash, updated = self._site.person_hash(person.person_id), micros(person.updated)
        known = self.table.find(person_hash)
        if known is not None and known.person == row.number and known.updated == updated:
            self.table.put(changed(known, seal=seal_of(row)))  # only encrypted anew, by a rotation of keys
            return
        content = self.content(row)
        if content is None:
            return
        digest = self._site.content_digest(content)
        previous = known.version if known is not None else None
        version = next_version(previous, ms=updated // 1000, device=self._device, digest=digest)
        self.table.put(ShareRow(person_hash, row.number, seal_of(row), updated, version, due=True))
