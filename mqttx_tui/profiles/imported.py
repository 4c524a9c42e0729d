"""A connection from what people have at hand: a URL, or a command line of another program."""

from __future__ import annotations

from mqttx_tui.model.endpoint import parse_url
from mqttx_tui.model.errors import InputError
from mqttx_tui.profiles import import_options as peers
from mqttx_tui.profiles.import_table import Draft, Imported
from mqttx_tui.profiles.import_words import Given, Spec, commands, name_of, read_options

LONGEST = 20_000
"""Characters; more is no command line."""
WEB = {"http": "ws", "https": "wss"}
KNOWN = "a URL, or a line of mosquitto_sub, mosquitto_pub, mqttx, mqttx-tui, websocat or wscat"


def import_line(text: str) -> Imported:
    """Read a URL or a command line. Raises ``InputError`` for what is neither."""
    text = text.strip()
    if not text:
        raise _unknown("nothing was given")
    if len(text) > LONGEST:
        raise _unknown(f"{len(text):,} characters are no command line")
    if not any(character.isspace() for character in text) and "://" in text:
        return _url(text.strip("\"'<>"), [])
    found = commands(text)
    for words in found:
        reader = READERS.get(name_of(words[0]))
        if reader is not None:
            return reader(words[1:])
    if found and "://" in found[0][0]:
        return _url(found[0][0], ["the words after the URL"] if len(found[0]) > 1 else [])
    if found and len(found) == 1 and len(found[0]) == 1:
        parse_url(found[0][0])  # raises, and says how it is written
    if not found:
        raise _unknown("nothing was given")
    raise _unknown(f"{name_of(found[0][0])[:40]!r} is no program known here")


def _unknown(what: str) -> InputError:
    return InputError(what, title="Not imported", hint=f"paste {KNOWN}")


def _url(url: str, left_out: list[str]) -> Imported:
    """A URL alone; of an MQTT one the path is the topic, as mosquitto's -L has it."""
    notes: tuple[str, ...] = ()
    scheme, separator, rest = url.partition("://")
    if scheme.lower() in WEB:
        notes = (f"{scheme.lower()}:// became {WEB[scheme.lower()]}://",)
        url = WEB[scheme.lower()] + separator + rest
    draft = Draft()
    draft.take_url(url)
    if draft.scheme in ("ws", "wss"):
        return draft.imported([*left_out], notes, asks=True)
    if not draft.topics:
        draft.topics.append("#")
    return draft.imported(left_out, notes)


def _mosquitto(words: list[str]) -> Imported:
    given = read_options(words, peers.MOSQUITTO)
    given.left_out[:] = [name for name in given.left_out if name not in peers.MOSQUITTO_QUIET]
    draft = Draft()
    draft.take_all(given)
    return draft.imported(_all_left_out(given))


def _mosquitto_pub(words: list[str]) -> Imported:
    given = read_options(words, peers.MOSQUITTO)
    given.left_out[:] = [name for name in given.left_out if name not in peers.MOSQUITTO_QUIET]
    draft = Draft(publishes=True)
    draft.take_all(given)
    return draft.imported(_all_left_out(given))


def _mqttx(words: list[str]) -> Imported:
    command, words = (words[0], words[1:]) if words and not words[0].startswith("-") else ("", words)
    several = frozenset(("topic", "header", "user"))
    given = read_options(words, peers.MQTTX, several=several)
    draft = Draft(publishes=command == "pub")
    draft.take_all(given)
    left = [command] if command not in ("", "sub", "pub", "conn") else []
    return draft.imported([*left, *_all_left_out(given)])


def _ours(words: list[str]) -> Imported:
    command, words = (words[0], words[1:]) if words and "://" not in words[0] else ("", words)
    given = read_options(words, peers.OURS)
    if not given.words or "://" not in given.words[0]:
        raise InputError(
            "this line names a profile, which is there already, or no target",
            title="Not imported",
            hint="import a line with a URL",
        )
    draft = Draft(publishes=command == "pub")
    draft.take_url(given.words.pop(0))
    draft.take_all(given)
    if draft.scheme in ("ws", "wss"):
        draft.speaks = "mqtt" if draft.topics or draft.topic else "websocket"
    return draft.imported(_all_left_out(given))


def _websocket(words: list[str], spec: Spec) -> Imported:
    given = read_options(words, spec)
    draft = Draft()
    address = next((word for word in given.words if word.lower().startswith(("ws://", "wss://"))), "")
    if address:
        given.words.remove(address)
        draft.take_url(address)
    draft.take_all(given)
    if draft.scheme not in ("ws", "wss"):
        raise InputError("this line names no ws:// or wss:// URL", title="Not imported")
    draft.speaks = "websocket"
    given.words[:] = [word for word in given.words if word not in ("-", "stdio:")]
    return draft.imported(_all_left_out(given))


def _websocat(words: list[str]) -> Imported:
    return _websocket(words, peers.WEBSOCAT)


def _wscat(words: list[str]) -> Imported:
    return _websocket(words, peers.WSCAT)


def _all_left_out(given: Given) -> list[str]:
    more = len(given.words)
    extra = [f"{more} more word{'s' if more > 1 else ''}"] if more else []
    return [*dict.fromkeys(given.left_out), *extra]


READERS = {
    "mosquitto_sub": _mosquitto,
    "mosquitto_rr": _mosquitto,
    "mosquitto_pub": _mosquitto_pub,
    "mqttx": _mqttx,
    "mqttx-tui": _ours,
    "websocat": _websocat,
    "wscat": _wscat,
}
