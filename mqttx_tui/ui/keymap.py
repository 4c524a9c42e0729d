"""Which key does what: every binding there is, the keys that a person chose, and where they clash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from mqttx_tui.model.errors import InputError
from mqttx_tui.ui.key_names import character_of, key_name, parse_key, with_twins

EVERYWHERE, SCREEN = "everywhere", "screen"
PANE, WIDGET, DIALOG = "pane ", "widget ", "dialog "
LISTS = WIDGET + "LineList"
SENDS = ("send", "resend", "publish_again")
"""Actions that put bytes on the wire: no key that types a character may run one."""

Chosen = Mapping[str, tuple[str, ...]]
"""Binding id → keys as Textual names them, without those that stand in for others."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One action with an id: its usual keys (without stand-ins), and where it is in reach.

    ``scope`` is ``EVERYWHERE``, ``SCREEN``, or ``PANE``, ``WIDGET``, ``DIALOG`` and a name.
    """

    identity: str
    keys: tuple[str, ...]
    description: str
    scope: str
    action: str = ""
    priority: bool = False

    @property
    def pane_key(self) -> bool:
        """Whether it goes to a pane: a quick Esc mangles its digit."""
        return self.identity.startswith("pane.")

    def reaches(self, other: Bound) -> bool:
        """Whether a key press may mean both."""
        one, two = sorted((self.scope, other.scope), key=_rank)
        if one == two or EVERYWHERE in (one, two):
            return True
        if one == SCREEN:
            return not two.startswith(DIALOG)
        return two.startswith(WIDGET) and one.startswith((PANE, DIALOG))


def _rank(scope: str) -> int:
    kinds = (EVERYWHERE, SCREEN, PANE, DIALOG, WIDGET)
    return next(number for number, kind in enumerate(kinds) if scope.startswith(kind))


class Keymap:
    """The keys in force. Empty, it answers without looking at any binding."""

    def __init__(self, chosen: Chosen | None = None, bindings: Iterable[Bound] = ()) -> None:
        self.chosen = dict(chosen or {})
        self._bindings = tuple(bindings)

    def keys(self, identity: str, usual: Iterable[str]) -> tuple[str, ...]:
        """The keys of an action, without stand-ins."""
        return self.chosen.get(identity, tuple(usual))

    def name(self, identity: str, usual: str) -> str:
        """The first key of an action as people write it; ``usual`` is returned where none was chosen."""
        chosen = self.chosen.get(identity)
        return key_name(chosen[0]) if chosen else usual

    def shown(self, text: str, pane: str) -> str:
        """Keys in a hint (``x``, ``Space``, ``[ ]``) as they are now, while a pane has the focus."""
        if not self.chosen:
            return text
        return " ".join(self._shown(word, pane) for word in text.split(" "))

    def _shown(self, word: str, pane: str) -> str:
        try:
            key = parse_key(word)
        except InputError:
            return word
        for scope in (PANE + pane, LISTS, SCREEN, EVERYWHERE):
            for bound in self._bindings:
                if bound.scope == scope and key in bound.keys:
                    chosen = self.chosen.get(bound.identity)
                    return key_name(chosen[0]) if chosen and key not in chosen else word
        return word

    def for_textual(self) -> dict[str, str]:
        """For ``App.set_keymap``: with what stands in for a letter or a pane's digit."""
        return {
            identity: ",".join(with_twins(keys, pane=identity.startswith("pane.")))
            for identity, keys in self.chosen.items()
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """A line of ``[keys]`` that is not used; the usual key stays."""

    identity: str
    text: str


def settle(
    wanted: Mapping[str, tuple[str, ...]], bindings: tuple[Bound, ...]
) -> tuple[Chosen, list[Refused]]:
    """The keys that can be used of those that a person wrote, and why the others cannot.

    Of two that clash the later one goes; what was there before always stays.
    """
    by_id: dict[str, list[Bound]] = {}
    for bound in bindings:
        by_id.setdefault(bound.identity, []).append(bound)
    chosen: dict[str, tuple[str, ...]] = {}
    refused: list[Refused] = []
    for identity, written in wanted.items():
        try:
            chosen[identity] = _readable(identity, written, by_id)
        except InputError as error:
            refused.append(Refused(identity, error.message))
    while clash := _clash(chosen, bindings):
        identity, text = clash
        del chosen[identity]
        refused.append(Refused(identity, text))
    return chosen, refused


def _readable(identity: str, written: tuple[str, ...], by_id: Mapping[str, list[Bound]]) -> tuple[str, ...]:
    if identity not in by_id:
        from difflib import get_close_matches

        near = get_close_matches(identity, by_id, 1, 0.6)
        raise InputError(f"no action has this id{f'; did you mean {near[0]}?' if near else ''}")
    keys = tuple(dict.fromkeys(parse_key(key) for key in written))
    for bound in by_id[identity]:
        for key in keys:
            if character_of(key) is None:
                continue
            if bound.action.partition("(")[0].rpartition(".")[2] in SENDS:
                raise InputError(f"{key_name(key)} types a character: no such key ever publishes")
            if bound.priority and not any(map(character_of, bound.keys)):
                raise InputError(f"{key_name(key)} types a character, and this key acts inside fields too")
    return keys


def _clash(chosen: Chosen, bindings: tuple[Bound, ...]) -> tuple[str, str] | None:
    """The last chosen key that means two things, and the words for it."""
    for identity in reversed(list(chosen)):
        mine = set(with_twins(chosen[identity], pane=identity.startswith("pane.")))
        own = [bound for bound in bindings if bound.identity == identity]
        for other in bindings:
            if other.identity == identity or not any(one.reaches(other) for one in own):
                continue
            if any(set(one.keys) & set(other.keys) for one in own if one.reaches(other)):
                continue  # they share a key on purpose: the nearer one acts
            keys = chosen.get(other.identity, other.keys)
            both = mine & set(with_twins(keys, pane=other.pane_key))
            if both:
                key = min(both, key=len)
                return (
                    identity,
                    f"{key_name(key)} is already {other.description} ({other.identity}); both would act",
                )
    return None


def catalogue() -> tuple[Bound, ...]:
    """Every binding of the interface that has an id. Imports all of it: not before the first frame."""
    import importlib
    import pkgutil

    import mqttx_tui.ui as package

    for module in pkgutil.walk_packages(package.__path__, "mqttx_tui.ui."):
        importlib.import_module(module.name)
    return _collected()


@cache
def _collected() -> tuple[Bound, ...]:
    from textual.app import App
    from textual.dom import DOMNode

    kinds: list[type[DOMNode]] = []
    waiting: list[type[DOMNode]] = [App, *DOMNode.__subclasses__()]
    while waiting:
        kind = waiting.pop(0)
        if kind not in kinds:
            kinds.append(kind)
            waiting += kind.__subclasses__()
    found: dict[tuple[str, str], Bound] = {}
    for kind in kinds:
        if kind.__module__.startswith("mqttx_tui.ui"):
            for bound in _of(kind):
                found.setdefault((bound.identity, bound.scope), bound)
    return tuple(sorted(found.values(), key=lambda bound: (_rank(bound.scope), bound.scope)))


def _of(kind: type) -> Iterable[Bound]:
    from textual.binding import Binding

    for binding in vars(kind).get("BINDINGS", ()):
        if isinstance(binding, Binding) and binding.id:
            keys = tuple(parse_key(key) for key in _split(binding.key))
            twins = {twin for key in keys for twin in with_twins((key,), pane=True)[1:]}
            own = tuple(dict.fromkeys(key for key in keys if key not in twins))
            text = binding.description or binding.id
            yield Bound(binding.id, own, text, scope_of(kind), binding.action, binding.priority)


def _split(keys: str) -> list[str]:
    return [key for key in keys.split(",") if key] or [","]


def scope_of(kind: type) -> str:
    """Where the bindings of a class are in reach."""
    from textual.app import App
    from textual.screen import ModalScreen, Screen

    from mqttx_tui.ui.panes.pane import Pane

    if issubclass(kind, App):
        return EVERYWHERE
    if issubclass(kind, Pane):
        return PANE + kind.PANE_NAME
    if issubclass(kind, ModalScreen):
        return DIALOG + kind.__name__
    return SCREEN if issubclass(kind, Screen) else WIDGET + kind.__name__
