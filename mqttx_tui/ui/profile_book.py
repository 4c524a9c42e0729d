"""The profile file as the app holds it: what the connection dialogs change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.profile import Profile
from mqttx_tui.profiles import edit, rewrite
from mqttx_tui.profiles.load import ProfileFile, load
from mqttx_tui.profiles.plain import to_plain
from mqttx_tui.ui.form_fields import Table, key_for


class ProfileBook:
    """One profile file. ``changed`` is called with the profiles after every change."""

    def __init__(self, file: ProfileFile) -> None:
        self.file = file
        self.changed: Callable[[tuple[Profile, ...]], None] = lambda profiles: None

    @property
    def defaults(self) -> Table:
        """The ``[defaults]`` table."""
        table = rewrite.contents(self.file.text).get("defaults", {})
        return table if isinstance(table, dict) else {}

    def holds(self, key: str) -> bool:
        """Whether the file has a connection of that key, with problems or without."""
        return key in self.file.broken or any(profile.key == key for profile in self.file.profiles)

    def read(self, *, force: bool = False) -> ProfileFile | None:
        """The file as it is now, None where it did not change; may block: call it in a thread.

        Looks at the time of its last change first, unless ``force``. Raises ``InputError`` when it
        is there and cannot be read.
        """
        file = self.file
        if not force:
            try:
                mtime = file.path.stat().st_mtime_ns
            except OSError:
                mtime = 0
            if mtime == file.mtime:
                return None
        found = load(file.path)
        return None if found.digest == file.digest else found

    def adopt(self, file: ProfileFile) -> None:
        """From now on this is the file."""
        self.file = file
        self.changed(file.profiles)

    def broken_table(self, key: str) -> Table | None:
        """The table of a connection with problems, None where a form cannot show it."""
        if key not in self.file.broken:
            return None
        try:
            return edit.table_of(self.file, key)
        except AppError:
            return None

    def table(self, profile: Profile) -> Table:
        """A profile's table: as written in the file, or made from a profile that is not in it."""
        return edit.table_of(self.file, profile.key) if self.holds(profile.key) else to_plain(profile)

    def save(self, key: str, table: Table) -> str:
        """Write a connection (new when ``key`` is not in the file); returns its key.

        Raises ``AppError``. When somebody else changed the file meanwhile it is read again, so
        that saving once more works on the new contents.
        """
        if key and self.holds(key):
            self._apply(lambda file: edit.replace(file, key, table))
            return key
        wanted = key_for(str(table.get("name", "")), _text(table.get("url", "")))
        free = edit.free_key(self.file, wanted)
        self._apply(lambda file: edit.add(file, free, table))
        return free

    def delete(self, key: str) -> None:
        """Remove a connection from the file. Raises ``AppError``."""
        self._apply(lambda file: edit.delete(file, key))

    def keep_exclude(self, key: str, topic_filter: str) -> tuple[str, ...]:
        """Add a topic filter to a connection's ``exclude`` in the file; returns all of them.

        Raises ``AppError`` when the file has no such connection, or cannot be written.
        """
        return self._set_exclude(key, lambda kept: list(dict.fromkeys((*kept, topic_filter))))

    def drop_exclude(self, key: str, topic_filter: str) -> tuple[str, ...]:
        """Take a topic filter out of a connection's ``exclude`` again; like ``keep_exclude``."""
        return self._set_exclude(key, lambda kept: [one for one in kept if one != topic_filter])

    def _set_exclude(self, key: str, change: Callable[[list[str]], list[str]]) -> tuple[str, ...]:
        def kept_in(file: ProfileFile) -> list[str]:
            kept = edit.table_of(file, key).get("exclude", self.defaults.get("exclude", []))
            return [str(one) for one in kept] if isinstance(kept, list) else []

        def apply(file: ProfileFile) -> ProfileFile:
            kept = kept_in(file)
            wanted = change(kept)
            return file if wanted == kept else edit.set_value(file, key, ("exclude",), wanted)

        self._apply(apply)
        return tuple(kept_in(self.file))

    def messages(self, key: str) -> list[Table]:
        """The saved messages of a connection, as written. Raises ``AppError``: it is not in the file."""
        return _tables(edit.table_of(self.file, key).get("messages", []))

    def change_messages(self, key: str, change: Callable[[list[Table]], list[Table]]) -> None:
        """Write other saved messages of a connection, and nothing else. Raises ``AppError``."""

        def apply(file: ProfileFile) -> ProfileFile:
            kept = _tables(edit.table_of(file, key).get("messages", []))
            return edit.set_value(file, key, ("messages",), change(kept) or None)

        self._apply(apply)

    def _apply(self, change: Callable[[ProfileFile], ProfileFile]) -> None:
        try:
            self.file = change(self.file)
        except AppError:
            self.file = load(self.file.path)
            self.changed(self.file.profiles)
            raise
        self.changed(self.file.profiles)


def _tables(value: Any) -> list[Table]:
    return [dict(one) for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
