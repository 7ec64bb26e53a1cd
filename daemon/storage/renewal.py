"""A new secret for the transform of templates: what was stolen before compares with nothing afterwards."""

import secrets

from daemon.storage.session import PersonRow, Session
from daemon.storage.store import Store
from daemon.storage.transform import Transform


def renew_transform(store: Store, *, secret: bytes | None = None) -> int:
    """Turn every template from the old secret's space into the new one's, in one transaction; gives how many.

    `secret` (32 bytes) is a site's where terminals share a gallery; without one it is drawn. Nobody has to be
    enrolled again: running daemons take the new space up with their next refresh. A damaged template stays as it is.
    Raises StoreError.
    """
    new_secret = secret or secrets.token_bytes(32)
    if len(new_secret) != 32:
        raise ValueError("secret: expected 32 bytes")
    count = 0
    with store.file.writing() as session:
        change = _Change(store=store, old=session.secret("transform"), new=new_secret)
        for row in session.people():
            count += change.turn(session, row)
        session.put_secret("transform", new_secret)
    store.file.empty_log()
    return count


class _Change:
    def __init__(self, *, store: Store, old: bytes, new: bytes) -> None:
        self._store = store
        self._secrets = (old, new)
        self._transforms: dict[int, tuple[Transform, Transform]] = {}

    def turn(self, session: Session, row: PersonRow) -> int:
        count = 0
        for number, model, template in session.open_templates(row, {model.number: model for model in session.models()}):
            if template is None:
                continue
            old, new = self._pair(template.embedding.size)
            turned = template.with_embedding(new(old.inverse(template.embedding)))
            # Under a new number: whoever holds the old one in memory sees that it is another template now.
            session.connection.execute("DELETE FROM template WHERE template = ?", (number,))
            session.put_templates(row.number, model, [turned], active=bool(row.active))
            count += 1
        return count

    def _pair(self, dimension: int) -> tuple[Transform, Transform]:
        if dimension not in self._transforms:
            old, new = (self._store.transform(secret, dimension) for secret in self._secrets)
            self._transforms[dimension] = (old, new)
        return self._transforms[dimension]
