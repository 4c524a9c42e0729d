"""Options that several commands share, and the profile that they describe.

mosquitto's letters mean what they mean there.
"""

from __future__ import annotations

import os
from argparse import (
    ArgumentParser,
    ArgumentTypeError,
    BooleanOptionalAction,
    Namespace,
    _ActionsContainer,
)
from collections.abc import Sequence
from dataclasses import replace

from mqttx_tui.cli.properties import add_properties, applied, needing_5
from mqttx_tui.cli.web import add_web, with_web
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import MqttVersion, Profile, SecretRef, Will


def add_config(parser: ArgumentParser) -> None:
    """``--config``, as ``namespace.config`` (empty when not given)."""
    parser.add_argument(
        "--config",
        default="",
        metavar="FILE",
        help="the profile file (usual: mqttx-tui profiles path)",
    )


def add_connection(parser: ArgumentParser, *, several: bool = False) -> None:
    """TARGET and everything that overrides its profile; read by ``build_profile``.

    With ``several``, ``namespace.target`` is a list.
    """
    parser.add_argument(
        "target",
        metavar="TARGET",
        nargs="+" if several else None,
        help="a profile's name, or a URL such as mqtt://localhost",
    )
    add_config(parser)
    group = parser.add_argument_group("connection")
    group.add_argument(
        "-i", "--id", dest="client_id", metavar="ID", help="client id, {random} is a random tail"
    )
    group.add_argument("-k", "--keepalive", type=_keepalive, metavar="S", help="keep alive, seconds")
    group.add_argument("-V", "--mqtt-version", type=_version, metavar="V", help="5, 311, 31 or auto")
    group.add_argument(
        "-c", "--disable-clean-session", dest="keep_session", action="store_true", help="resume the session"
    )
    group.add_argument("-u", "--username", metavar="NAME")
    secret = group.add_mutually_exclusive_group()
    secret.add_argument("-P", "--pw", dest="password", metavar="PASSWORD", help="visible in the process list")
    secret.add_argument("--password-env", metavar="NAME", help="take the password from a variable")
    secret.add_argument("--password-file", metavar="FILE", help="take the password from a file")
    group.add_argument("--cafile", metavar="FILE", help="trust this CA")
    group.add_argument("--cert", metavar="FILE", help="client certificate")
    group.add_argument("--key", metavar="FILE", help="its key")
    group.add_argument("--insecure", action="store_true", help="do not verify the server's certificate")
    group.add_argument(
        "-x",
        "--session-expiry-interval",
        dest="session_expiry",
        type=_expiry,
        metavar="S",
        help="MQTT 5: how long the broker keeps the session",
    )
    add_web(group)
    add_properties(group)
    _add_will(parser)


def add_debug(parser: ArgumentParser) -> None:
    """``-d``, as ``namespace.debug``."""
    parser.add_argument("-d", "--debug", action="store_true", help="say on stderr what the broker allows")


def _add_will(parser: ArgumentParser) -> None:
    will = parser.add_argument_group("will", "what the broker publishes when the connection is lost")
    will.add_argument("--will-topic", metavar="TOPIC")
    will.add_argument("--will-payload", default="", metavar="TEXT")
    will.add_argument("--will-qos", type=qos_number, default=0, metavar="N")
    will.add_argument("--will-retain", action="store_true")
    will.add_argument(
        "--will-on-leave", action="store_true", help="MQTT 5: also when this command ends in good order"
    )
    more = parser.add_argument_group("properties of the will (MQTT 5)")
    more.add_argument("--will-delay", type=_expiry, metavar="S", help="published so long after the loss")
    more.add_argument("--will-format", type=int, choices=(0, 1), help="0: bytes, 1: UTF-8 text")
    more.add_argument("--will-expiry", type=_expiry, metavar="S", help="nobody gets it after that")
    more.add_argument("--will-content-type", metavar="TEXT")
    more.add_argument("--will-response-topic", metavar="TOPIC")
    more.add_argument("--will-correlation", metavar="TEXT")
    more.add_argument("--will-user-property", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))


def add_payload(parser: _ActionsContainer) -> None:
    """Where one message's payload comes from; read by ``publishing.payload_of``."""
    parser.add_argument("-m", "--message", metavar="TEXT", help="the payload")
    parser.add_argument("-f", "--file", metavar="FILE", help="the payload is a file's bytes (-: stdin)")
    parser.add_argument("--hex", metavar="HEX", help="the payload in hexadecimal digits")
    parser.add_argument("--base64", metavar="TEXT", help="the payload in base64")
    parser.add_argument("-n", "--empty", "--null-message", action="store_true", help="an empty payload")
    parser.add_argument("-s", "--stdin-file", action="store_true", help="all of stdin is one message")


def build_profile(namespace: Namespace, *, filters: Sequence[str] = (), qos: int = 0) -> Profile:
    """The profile of ``namespace.target`` with the overrides of ``add_connection``.

    Raises ``InputError``.
    """
    from mqttx_tui.profiles.load import load
    from mqttx_tui.profiles.paths import config_path
    from mqttx_tui.profiles.target import Overrides, profile_for

    overrides = Overrides(
        client_id=namespace.client_id,
        keepalive=namespace.keepalive,
        mqtt=namespace.mqtt_version,
        username=namespace.username,
        password=_password(namespace),
        ca=namespace.cafile,
        cert=namespace.cert,
        key=namespace.key,
        insecure=namespace.insecure,
        clean_start=False if namespace.keep_session else None,
        will=_will(namespace),
    )
    path = config_path(namespace.config)
    profile = profile_for(namespace.target, load(path), filters=filters, qos=qos, overrides=overrides)
    if namespace.session_expiry is not None:
        profile = replace(needing_5(profile, "-x"), session_expiry=namespace.session_expiry)
    if namespace.will_on_leave:
        profile = needing_5(profile, "--will-on-leave")
        if profile.will is None:
            raise InputError("--will-on-leave, and no will", title="No will", hint="--will-topic TOPIC")
        profile = replace(profile, will=replace(profile.will, on_leave=True))
    return applied(with_web(profile, namespace), namespace)


def qos_number(text: str) -> int:
    """0, 1 or 2."""
    if text not in ("0", "1", "2"):
        raise ArgumentTypeError(f"QoS is 0, 1 or 2, not {text!r}")
    return int(text)


def positive_number(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def duration(text: str) -> float:
    """Seconds: a number, or one with a unit (``500ms``, ``1h30m``)."""
    from mqttx_tui.model.units import seconds

    try:
        found = float(text)
    except ValueError:
        try:
            return seconds(text)
        except InputError as error:
            raise ArgumentTypeError(error.message) from None
    if not 0 <= found < float("inf"):
        raise ArgumentTypeError(f"{text!r} is not a duration")
    return found


def add_linger(parser: ArgumentParser) -> None:
    """``--linger``, as ``namespace.linger`` in seconds."""
    parser.add_argument(
        "--linger",
        type=duration,
        default=os.environ.get("MQTTX_TUI_LINGER", "") or "24h",
        metavar="TIME",
        help="how long it captures on after the terminal is gone (usual: $MQTTX_TUI_LINGER or 24h; 0: not)",
    )


def add_low_memory(parser: ArgumentParser) -> None:
    """``--low-memory`` and ``--no-low-memory``, as ``namespace.low_memory`` (None: neither)."""
    parser.add_argument(
        "--low-memory",
        action=BooleanOptionalAction,
        help="settings for little memory: captures of at most 128 MB, 20,000 topics, short queues, small "
        "caches (usual: with less than 1 GB of free memory)",
    )


def _keepalive(text: str) -> float:
    found = duration(text)
    if found > 65_535 or found != int(found):
        raise ArgumentTypeError("keep alive is a whole number of seconds up to 65535")
    return found


def _expiry(text: str) -> float:
    """Seconds for an interval of MQTT 5 (four bytes)."""
    found = duration(text)
    if found > 0xFFFFFFFF or found != int(found):
        raise ArgumentTypeError("an interval is a whole number of seconds up to 4294967295")
    return found


def _version(text: str) -> MqttVersion:
    from mqttx_tui.profiles.target import mqtt_version

    try:
        return mqtt_version(text)
    except InputError as error:
        raise ArgumentTypeError(f"{error.message}; {error.hint}") from None


def _password(namespace: Namespace) -> str | SecretRef | None:
    if namespace.password_env:
        return SecretRef("env", namespace.password_env)
    if namespace.password_file:
        return SecretRef("file", namespace.password_file)
    password: str | None = namespace.password
    return password


def _will(namespace: Namespace) -> Will | None:
    if namespace.will_topic is None:
        return None
    from mqttx_tui.model.topics import check_topic

    for topic in (namespace.will_topic, namespace.will_response_topic):
        if topic is not None:
            check_topic(topic)
    expiry = namespace.will_expiry
    return Will(
        namespace.will_topic,
        namespace.will_payload,
        namespace.will_qos,
        namespace.will_retain,
        namespace.will_delay or 0.0,
        namespace.will_format,
        None if expiry is None else int(expiry),
        namespace.will_content_type or "",
        namespace.will_response_topic or "",
        namespace.will_correlation or "",
        tuple((name, value) for name, value in namespace.will_user_property),
        namespace.will_on_leave,
    )
