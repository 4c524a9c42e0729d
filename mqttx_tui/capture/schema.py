"""The capture file's tables, identification and settings (docs/capture-format.md)."""

from __future__ import annotations

import sqlite3

from mqttx_tui.model.errors import InputError

APPLICATION_ID = 0x4D515458
"""``MQTX`` in ASCII: how ``file`` and other tools recognise a capture."""

FORMAT = 1
"""``user_version``: a file with a higher one is refused by name."""

PAGE_SIZE = 8192
WAL_KEPT_BYTES = 16 * 1024 * 1024
WAL_CHECKPOINT_PAGES = 512

BUSY_MILLISECONDS = 5_000
"""How long a write waits for another tool that has the file locked."""

FIRST_OTHER_TOPIC = 1 << 32
"""Topics past the limit have ids from here on: a name, but no statistics."""

TABLES = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE connection(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, letter TEXT NOT NULL, url TEXT NOT NULL,
    protocol TEXT NOT NULL, color TEXT NOT NULL);
CREATE TABLE topic(
    id INTEGER PRIMARY KEY, connection INTEGER NOT NULL, name TEXT NOT NULL,
    count INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
    first_at INTEGER NOT NULL DEFAULT 0, last_at INTEGER NOT NULL DEFAULT 0,
    last_message INTEGER NOT NULL DEFAULT 0, retained INTEGER,
    rate REAL NOT NULL DEFAULT 0, revision INTEGER NOT NULL DEFAULT 0);
CREATE INDEX topic_revision ON topic(revision);
CREATE TABLE message(
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, topic INTEGER NOT NULL, flags INTEGER NOT NULL,
    size INTEGER NOT NULL, properties BLOB, payload BLOB NOT NULL);
CREATE TABLE packet(
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, connection INTEGER NOT NULL,
    direction INTEGER NOT NULL, type INTEGER NOT NULL, message INTEGER, packet_id INTEGER,
    reason INTEGER, count INTEGER NOT NULL, redacted INTEGER NOT NULL, size INTEGER NOT NULL,
    raw BLOB NOT NULL, frame BLOB);
CREATE INDEX packet_message ON packet(message) WHERE message IS NOT NULL;
CREATE TABLE event(
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, connection INTEGER NOT NULL, kind TEXT NOT NULL,
    text TEXT NOT NULL, message INTEGER NOT NULL);
"""
# properties stand before payload so that reading them never walks a large payload's pages.


def prepare(connection: sqlite3.Connection, *, kept: bool) -> bool:
    """Make the tables in an empty file, or check an existing one; set the writer's pragmas.

    Returns whether the file is new. Raises ``InputError`` for a file that is no capture or whose
    format is newer, ``sqlite3.Error`` when the file cannot be written.
    """
    new = not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    if new:
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    else:
        check(connection)
        _add_columns(connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if kept else 'OFF'}")
    connection.execute(f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_CHECKPOINT_PAGES}")
    connection.execute("PRAGMA cache_size = -4096")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    if new:
        create(connection)
    return new


def columns(connection: sqlite3.Connection, table: str, schema: str = "main") -> list[str]:
    """The columns that a table of a file has: an older file may lack some."""
    return [row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({table})").fetchall()]


def _add_columns(connection: sqlite3.Connection) -> None:
    """What a file of an earlier version lacks."""
    if "frame" not in columns(connection, "packet"):
        connection.execute("ALTER TABLE packet ADD COLUMN frame BLOB")


def create(connection: sqlite3.Connection) -> None:
    """Make the tables and identify the file, in one transaction."""
    connection.executescript(
        f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID};"
        f"PRAGMA user_version = {FORMAT}; {TABLES} COMMIT;"
    )


def check(connection: sqlite3.Connection) -> None:
    """Raise ``InputError`` unless the file is a capture that this version reads."""
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") != "SQLITE_NOTADB":
            raise
        application, version = 0, 0
    if application != APPLICATION_ID:
        raise InputError(
            "the file is not a capture",
            title="Not a capture",
            hint="a capture is made by mqttx-tui record, or saved from the app",
        )
    if version > FORMAT:
        raise InputError(
            f"the capture has format {version}; this version reads formats up to {FORMAT}",
            title="Newer capture",
            hint="open it with a newer mqttx-tui",
        )
