"""MQTT 5 properties on the command line, as mosquitto spells them: ``-D publish content-type text/plain``.

``fold`` makes one argument of the three or four words (argparse has no such option), ``given`` reads
it, ``applied`` puts what it says into a profile, and ``of_publish`` into a message.
"""

from __future__ import annotations

import os
from argparse import ArgumentTypeError, Namespace, _ActionsContainer
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import (
    SCRAM_METHODS,
    ConnectProperties,
    PacketProperties,
    Profile,
    Subscription,
    Will,
)

_OPTION = "--property"
_BETWEEN = "\x1f"
USER = "user-property"
COMMANDS = ("connect", "will", "publish", "subscribe", "unsubscribe", "disconnect", "auth")
_NOT_OURS = {
    "publish": ("subscription_identifier",),
    "disconnect": ("server_reference",),
    "auth": ("authentication_method",),
}
"""What the packet has, and only a broker may send (MQTT 5.0 §3.3.4, §3.14.2.2.5); AUTH repeats the method
of CONNECT by itself."""


class Given(NamedTuple):
    """One property: of what, its name of ``wire.properties``, and its value (a pair for ``user``)."""

    command: str
    name: str
    value: Any


def add_properties(parser: _ActionsContainer) -> None:
    """``-D``, as ``namespace.properties``."""
    parser.add_argument(
        "-D",
        _OPTION,
        dest="properties",
        type=given,
        action="append",
        default=[],
        metavar="COMMAND NAME VALUE",
        help="an MQTT 5 property of connect, will, publish, subscribe, unsubscribe, disconnect or auth, as "
        "for mosquitto_pub; user-property has a name and a value",
    )


def fold(arguments: Sequence[str]) -> list[str]:
    """``-D`` with its words as one argument; what is missing at the end is complained about later."""
    found: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return [*found, word, *rest]
        if word not in ("-D", _OPTION):
            found.append(word)
            continue
        count = 4 if rest[1:2] == [USER] else 3
        words, rest = rest[:count], rest[count:]
        found.append(f"{_OPTION}={_BETWEEN.join(words)}")
    return found


def given(text: str) -> Given:
    """The words that ``fold`` put together. Raises ``ArgumentTypeError``."""
    from mqttx_tui.wire.packets import PacketType
    from mqttx_tui.wire.properties import BY_NAME, WILL

    command, name, *values = [*text.split(_BETWEEN), "", ""][: max(text.count(_BETWEEN) + 1, 2)]
    packets = {
        "connect": int(PacketType.CONNECT),
        "will": WILL,
        "publish": int(PacketType.PUBLISH),
        "subscribe": int(PacketType.SUBSCRIBE),
        "unsubscribe": int(PacketType.UNSUBSCRIBE),
        "disconnect": int(PacketType.DISCONNECT),
        "auth": int(PacketType.AUTH),
    }
    command = command.lower()
    if command not in packets:
        raise ArgumentTypeError(f"-D is for {', '.join(COMMANDS)}, not {command!r}")
    row = BY_NAME.get("user" if name == USER else name.replace("-", "_"))
    known = [one.name for one in BY_NAME.values() if packets[command] in one.packets]
    known = [one for one in known if one not in _NOT_OURS.get(command, ())]
    if row is None or row.name not in known:
        spelled = ", ".join(USER if one == "user" else one.replace("_", "-") for one in sorted(known))
        raise ArgumentTypeError(f"{command} has no property {name!r}; it has {spelled}")
    if name == "authentication-data":
        hint = "set properties.authentication_data in a profile"
        raise ArgumentTypeError(f"authentication-data would be visible in the process list; {hint}")
    if len(values) != (2 if name == USER else 1):
        raise ArgumentTypeError(f"-D {command} {name} needs {'a name and ' if name == USER else ''}a value")
    return Given(command, row.name, tuple(values) if name == USER else _value(name, row, values[0]))


def _value(name: str, row: Any, text: str) -> Any:
    from mqttx_tui.wire.properties import Kind

    largest = {Kind.FLAG: 1, Kind.BIT: 1, Kind.SHORT: 0xFFFF, Kind.WORD: 0xFFFFFFFF, Kind.VARINT: 268_435_455}
    if row.kind is Kind.TEXT:
        return _topic(name, text) if name == "response-topic" else text
    if row.kind is Kind.BINARY:
        return os.fsencode(text)
    least, most = int(row.nonzero), largest[row.kind]
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ArgumentTypeError(f"{name} is a whole number from {least} to {most:,}, not {text!r}")
    return bool(int(text)) if row.kind is Kind.FLAG else int(text)


def _topic(name: str, text: str) -> str:
    """A topic name (MQTT 5.0 §3.3.2.3.5)."""
    from mqttx_tui.model.topics import check_topic

    try:
        check_topic(text)
    except InputError as error:
        raise ArgumentTypeError(f"{name}: {error.message}") from None
    return text


def applied(profile: Profile, namespace: Namespace) -> Profile:
    """The profile with the properties of connect, will and subscribe; any of them asks for MQTT 5.

    Raises ``InputError`` where there is no will, or an older version was asked for.
    """
    asked: list[Given] = namespace.properties
    if not asked:
        return profile
    profile = needing_5(profile, "-D")
    connect = _values(asked, "connect")
    expiry = connect.pop("session_expiry_interval", None)
    if expiry is not None:
        profile = replace(profile, session_expiry=float(expiry))
    profile = replace(profile, properties=_with(ConnectProperties, profile.properties, connect))
    if will := _values(asked, "will"):
        if profile.will is None:
            raise InputError("-D will, and no will", title="No will", hint="--will-topic TOPIC")
        profile = replace(profile, will=with_will(profile.will, will))
    if subscribe := _values(asked, "subscribe"):
        changed = tuple(_subscribed(one, subscribe) for one in profile.subscriptions)
        profile = replace(profile, subscriptions=changed)
    return _with_packets(profile, asked)


def _with_packets(profile: Profile, asked: Sequence[Given]) -> Profile:
    """UNSUBSCRIBE, DISCONNECT and AUTH. Raises ``InputError`` for what their packet could not carry."""
    before = profile.packet_properties
    found = {
        name: _more(getattr(before, name), _values(asked, name))
        for name in ("unsubscribe", "disconnect", "auth")
    }
    if found["disconnect"].get("session_expiry_interval") and not profile.session_expiry:
        raise InputError(
            "DISCONNECT may not ask for a session expiry where CONNECT asked for none (MQTT 5.0 §3.14.2.2.2)",
            title="Bad property",
            hint="-x S",
        )
    if found["auth"] and profile.properties.authentication_method not in SCRAM_METHODS:
        raise InputError(
            "-D auth, and no authentication method with steps: no AUTH would be sent",
            title="No AUTH",
            hint=f"-D connect authentication-method {SCRAM_METHODS[0]}, with -u and a password",
        )
    return replace(profile, packet_properties=PacketProperties(**found))


def _more(before: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Both; user properties follow those that are there."""
    found = before | given
    if "user" in before and "user" in given:
        found["user"] = (*before["user"], *given["user"])
    return found


def with_will(will: Will, found: dict[str, Any]) -> Will:
    """``will`` with properties by the names of ``wire.properties``."""
    more = dict(found)
    if "will_delay_interval" in more:
        more["delay"] = float(more.pop("will_delay_interval"))
    if "correlation_data" in more:
        more["correlation_data"] = more["correlation_data"].decode("utf-8", "surrogateescape")
    result: Will = _with(Will, will, more)
    return result


def refuse(namespace: Namespace, command: str, *packets: str) -> None:
    """Raise ``InputError`` where ``-D`` is for a packet that ``command`` never sends."""
    for one in namespace.properties:
        if one.command in packets:
            name = USER if one.name == "user" else one.name.replace("_", "-")
            raise InputError(
                f"-D {one.command} {name}: {command} sends no {one.command.upper()}",
                title="Nothing to carry it",
                hint="leave it out",
            )


def of_subscribe(namespace: Namespace, subscription: Subscription) -> Subscription:
    """``subscription`` with what ``-D subscribe`` says."""
    return _subscribed(subscription, _values(namespace.properties, "subscribe"))


def _subscribed(subscription: Subscription, found: dict[str, Any]) -> Subscription:
    more = dict(found)
    if "subscription_identifier" in more:
        more["identifier"] = more.pop("subscription_identifier")
    result: Subscription = _with(Subscription, subscription, more)
    return result


def needing_5(profile: Profile, option: str) -> Profile:
    """The profile with MQTT 5, which ``option`` needs. Raises ``InputError`` for an older one."""
    if profile.mqtt not in ("auto", "5"):
        raise InputError(f"{option} needs MQTT 5", title="Needs MQTT 5", hint="-V 5")
    return replace(profile, mqtt="5")


def of_publish(namespace: Namespace) -> dict[str, Any]:
    """The properties of the messages, as ``model.message.Outgoing`` takes them."""
    return _values(namespace.properties, "publish")


def _values(asked: Sequence[Given], command: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in asked:
        if one.command == command:
            found[one.name] = (*found.get("user", ()), one.value) if one.name == "user" else one.value
    return found


def _with(kind: type[Any], before: Any, more: dict[str, Any]) -> Any:
    """``before`` with ``more``; user properties follow those that are there."""
    known = {field.name for field in fields(kind)}
    changes = {name: value for name, value in more.items() if name in known}
    if "user" in changes:
        changes["user"] = (*before.user, *changes["user"])
    return replace(before, **changes)
