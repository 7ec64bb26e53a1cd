"""The tables of a store, and the steps from every released version of them to the present one."""

import sqlite3
from collections.abc import Sequence

from daemon.errors import StoreError

APPLICATION_ID = 0x41555448  # "AUTH": file(1) and we know the file by it

STEPS: tuple[str, ...] = (
    """
    CREATE TABLE keyring (one INTEGER PRIMARY KEY CHECK (one = 1), wrapped BLOB NOT NULL);
    CREATE TABLE state (
        one INTEGER PRIMARY KEY CHECK (one = 1), changes INTEGER NOT NULL, next_template INTEGER NOT NULL);
    CREATE TABLE secret (name TEXT PRIMARY KEY, record BLOB NOT NULL);
    CREATE TABLE model (model INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, record BLOB NOT NULL);
    CREATE TABLE person (
        person INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, active INTEGER NOT NULL, record BLOB NOT NULL);
    CREATE TABLE template (
        template INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
        model INTEGER NOT NULL REFERENCES model, record BLOB NOT NULL);
    CREATE INDEX template_of_person ON template (person);
    CREATE INDEX template_of_model ON template (model, template, person);
    INSERT INTO state VALUES (1, 0, 1);
    """,
    """
    CREATE TABLE image (
        image INTEGER PRIMARY KEY, person INTEGER REFERENCES person ON DELETE CASCADE,
        kind INTEGER NOT NULL, hour INTEGER NOT NULL, record BLOB NOT NULL);
    CREATE INDEX image_of_person ON image (person);
    CREATE INDEX image_of_hour ON image (hour);
    """,
    """
    CREATE TABLE share (
        hash BLOB PRIMARY KEY, person INTEGER UNIQUE, seal BLOB NOT NULL, updated INTEGER NOT NULL,
        version BLOB NOT NULL, removed INTEGER, due INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX share_due ON share (hash) WHERE due = 1;
    CREATE TABLE share_state (
        one INTEGER PRIMARY KEY CHECK (one = 1), site TEXT NOT NULL, completed INTEGER NOT NULL);
    """,
    """
    CREATE TABLE departure (hash BLOB PRIMARY KEY, hours INTEGER NOT NULL) WITHOUT ROWID;
    """,
)
"""Step n leads from version n to n + 1. A released step never changes; a new version is a new step."""


def prepare(connection: sqlite3.Connection, *, path: str, steps: Sequence[str] = STEPS) -> int:
    """Bring a store to the present version, each step whole or not at all, and tell which version it had.

    Raises StoreError naming `path` when the file is another program's or a newer version's: it is left as it is.
    """
    version = _version(connection, path, steps)
    if version == len(steps):
        return version
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection, path, steps)  # another process may have been first
        for number, step in enumerate(steps[version:], version + 1):
            for statement in step.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return version


def _version(connection: sqlite3.Connection, path: str, steps: Sequence[str]) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if application != APPLICATION_ID and (application or version or tables):
        raise StoreError(f"{path}: a database of another program; name another folder in storage.folder")
    if version > len(steps):
        raise StoreError(
            f"{path}: written by a newer release (schema {version}, this one knows up to {len(steps)}); "
            "install that release again, or move the file away and restore a backup of this one"
        )
    return version
