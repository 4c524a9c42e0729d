"""Keys of the whole screen, and the guard against pastes that arrive as key presses."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from mqttx_tui.ui.key_names import ESCAPED_DIGITS

GUARD_SECONDS = 0.02
"""q, u, x and Del act only when no other key came this long before or after."""


def key(keys: str, action: str, description: str, identity: str, *, first: bool = False) -> Binding:
    """A binding that is not shown in Textual's footer; a letter works with Alt as well.

    ``first``: before the field that has the focus sees the key, and before the next key is looked at:
    where the focus moves, that one goes to where it moved.
    """
    names = []
    for name in keys.split(","):
        names.append(name)
        if len(name) == 1 and name.isalpha():
            names.append(f"alt+{name}")
    return Binding(",".join(names), action, description, show=False, id=identity, priority=first)


def pane_keys() -> list[BindingType]:
    """1 to 5, and what they become after a quick Esc."""
    names = ("connections", "topics", "messages", "inspector", "composer")
    return [
        key(f"{number},{ESCAPED_DIGITS[str(number)]}", f"show_pane('{name}')", name, f"pane.{name}")
        for number, name in enumerate(names, 1)
    ]


MAIN_KEYS: list[BindingType] = [
    *pane_keys(),
    key("tab", "next_pane(1)", "next pane", "pane.next", first=True),
    key("shift+tab", "next_pane(-1)", "previous pane", "pane.previous", first=True),
    key("escape", "step_back", "one step back", "step.back", first=True),
    key("q", "guarded('app.request_quit')", "back, quit at the top", "back"),
    key("/", "filter", "filter the stream, the tree", "filter", first=True),
    key("n", "match(1)", "next match of the last / or *", "match.next"),
    key("N", "match(-1)", "previous match of the last / or *", "match.previous"),
    key("asterisk", "mark_topic", "mark the topic under the cursor", "mark.topic"),
    key("f", "follow", "follow the newest message", "follow"),
    key("p,i", "publish", "compose a message", "publish"),
    key("r", "reuse", "compose from the selected message", "reuse"),
    key("f5,ctrl+j", "send", "send what the composer holds", "send"),
    key("s", "subscribe", "subscribe", "subscribe"),
    key("u", "guarded('unsubscribe')", "unsubscribe", "unsubscribe"),
    key("x", "guarded('exclude')", "exclude the topic; disconnect", "exclude"),
    key("X", "guarded('keep_excluded')", "keep what was excluded last in the profile", "exclude.keep"),
    key("delete", "guarded('remove')", "clear retained; delete", "remove"),
    key("e", "edit", "edit", "edit"),
    key("y", "copy", "copy the payload", "copy"),
    key("Y", "copy_menu", "copy topic, value, a line for a shell …", "copy.menu"),
    key("d", "diff", "what the message changed", "diff"),
    key("v", "chart", "chart of a number of the topic", "chart"),
    key("w", "trace", "trace of the packets, down to the byte", "trace"),
    key("c", "plain_view", "plain text without borders, for the terminal's own selection", "plain"),
    key("m", "mark", "mark this moment in the stream", "mark"),
    key("a", "time_column", "times: of day, since the row before, since the mark", "times"),
    key("R", "app.restart_engine", "restart the engine after it ended", "engine.restart"),
    key("comma", "app.show_settings", "settings", "settings"),
    key("z", "zoom", "zoom the pane", "zoom"),
    key("left_square_bracket", "inspector_step(-1)", "previous inspector tab", "inspector.previous"),
    key("right_square_bracket", "inspector_step(1)", "next inspector tab", "inspector.next"),
    key("question_mark", "pane_help", "help of this pane", "help"),
    key("colon", "guarded('app.commands')", "every command", "commands"),
]


class KeyGuard:
    """Knows when keys came, so that one that stands alone can be told from a paste."""

    def __init__(self) -> None:
        self._before = -1.0
        self._last = -1.0
        self._number = 0
        self._began_in_field = False

    def pressed(self, at: float, *, in_field: bool = False) -> None:
        """A key was read ``at`` (seconds, monotonic); ``in_field``: for a field that takes characters.

        When it was read counts, not when its turn came: a busy app must not tear a paste into single keys.
        """
        self._before, self._last = self._last, at
        self._number += 1
        if self.alone_so_far:
            self._began_in_field = in_field

    @property
    def strayed(self) -> bool:
        """Whether the newest key belongs to a paste that began outside of any field.

        One of its characters may have opened a field; an Enter of it must not send what came after.
        """
        return not self.alone_so_far and not self._began_in_field

    @property
    def number(self) -> int:
        """How many keys came."""
        return self._number

    @property
    def alone_so_far(self) -> bool:
        """Whether the newest key came long enough after the one before it."""
        return self._before < 0 or self._last - self._before >= GUARD_SECONDS
