"""A profile from what somebody types: a profile's name or a URL, with overrides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal

from mqttx_tui.model.endpoint import parse_url
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import MqttVersion, Profile, SecretRef, Subscription, TlsOptions, Will
from mqttx_tui.model.topics import check_filter
from mqttx_tui.profiles.load import ProfileFile
from mqttx_tui.profiles.placeholders import escape
from mqttx_tui.profiles.values import Bad, version


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says instead of the profile; None leaves the profile's value.

    Strings are meant as written: ``${`` in them is no placeholder.
    """

    client_id: str | None = None
    keepalive: float | None = None
    mqtt: MqttVersion | None = None
    username: str | None = None
    password: str | SecretRef | None = field(default=None, repr=False)
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    insecure: bool = False
    clean_start: bool | None = None
    will: Will | None = None


NOTHING = Overrides()


def profile_for(
    target: str,
    profile_file: ProfileFile,
    *,
    filters: Sequence[str] = (),
    qos: int = 0,
    overrides: Overrides = NOTHING,
) -> Profile:
    """The profile of that name (or table key), or one made for that URL.

    ``filters`` replace the subscriptions. A ws:// or wss:// URL with ``filters`` means MQTT over
    WebSocket, without them a raw WebSocket. Raises ``InputError`` for an unknown name (with the
    nearest ones), a profile with problems, a bad URL or filter.
    """
    for topic_filter in filters:
        check_filter(topic_filter)
    is_url = "://" in target
    profile = profile_of_url(target, mqtt=bool(filters)) if is_url else _named(target, profile_file)
    if filters:
        if profile.protocol == "websocket":
            raise InputError(
                f"{profile.label} is a raw WebSocket, which has no topics to subscribe to",
                title="No subscriptions here",
                hint='leave -t out, or set protocol = "mqtt"',
            )
        profile = replace(
            profile, subscriptions=tuple(Subscription(item, qos) for item in dict.fromkeys(filters))
        )
    return override(profile, overrides)


def profile_of_url(url: str, *, mqtt: bool = False) -> Profile:
    """A profile for a URL from the command line; ``mqtt`` decides what ws:// means."""
    endpoint = parse_url(url)
    protocol: Literal["mqtt", "websocket"] = "mqtt" if endpoint.protocol == "mqtt" or mqtt else "websocket"
    return Profile(key=endpoint.shown(), url=escape(url.strip()), protocol=protocol)


def override(profile: Profile, given: Overrides) -> Profile:
    """``profile`` with what the command line says."""
    if given.client_id is not None:
        profile = replace(profile, client_id=escape(given.client_id))
    if given.username is not None:
        profile = replace(profile, username=escape(given.username))
    if given.password is not None:
        password = given.password
        profile = replace(profile, password=escape(password) if isinstance(password, str) else password)
    if given.keepalive is not None:
        profile = replace(profile, keepalive=given.keepalive)
    if given.mqtt is not None:
        profile = replace(profile, mqtt=given.mqtt)
    if given.clean_start is not None:
        profile = replace(profile, clean_start=given.clean_start)
    if given.will is not None:
        profile = replace(profile, will=replace(given.will, topic=escape(given.will.topic)))
    return replace(profile, tls=_tls(profile.tls, given))


def _tls(tls: TlsOptions, given: Overrides) -> TlsOptions:
    if given.ca is not None:
        tls = replace(tls, ca=escape(given.ca))
    if given.cert is not None:
        tls = replace(tls, cert=escape(given.cert))
    if given.key is not None:
        tls = replace(tls, key=escape(given.key))
    return replace(tls, verify=False) if given.insecure else tls


def mqtt_version(text: str) -> MqttVersion:
    """A version as on the command line: 5, mqttv5, 311, mqttv311, 3.1.1 … Raises ``InputError``."""
    try:
        return version(text)
    except Bad as error:
        raise InputError(error.text, title="Bad version", hint=error.hint) from None


def _named(name: str, profile_file: ProfileFile) -> Profile:
    by_key = [profile for profile in profile_file.profiles if profile.key == name]
    by_name = [profile for profile in profile_file.profiles if profile.name == name]
    folded = [
        profile
        for profile in profile_file.profiles
        if name.casefold() in (profile.key.casefold(), profile.name.casefold())
    ]
    for found in (by_key, by_name, folded):
        if len(found) == 1:
            return found[0]
        if found:
            keys = ", ".join(profile.key for profile in found)
            raise InputError(f"{name!r} is the name of several profiles", title="Which profile", hint=keys)
    raise _unknown(name, profile_file)


def _unknown(name: str, profile_file: ProfileFile) -> InputError:
    broken = [problem for problem in profile_file.problems if problem.profile in ("", name)]
    if any(problem.profile == name for problem in broken) or (broken and not profile_file.profiles):
        first = next((problem for problem in broken if problem.profile == name), broken[0])
        more = f" (and {len(broken) - 1} more: mqttx-tui profiles check)" if len(broken) > 1 else ""
        return InputError(
            f"{first.file}:{first.line}: {first.place}: {first.text}{more}".replace(": :", ":"),
            title=f"The profile {name!r} has problems",
            hint=first.hint,
        )
    names = [text for profile in profile_file.profiles for text in (profile.key, profile.name) if text]
    folded = {text.casefold(): text for text in names}
    near = [folded[match] for match in get_close_matches(name.casefold(), folded, 3, 0.5)]
    if near:
        hint = "did you mean " + " or ".join(near) + "?"
    elif names:
        keys = [profile.key for profile in profile_file.profiles]
        hint = "known: " + ", ".join(keys[:8]) + (" …" if len(keys) > 8 else "")
    else:
        hint = f"there are no profiles in {profile_file.path}; a URL works too: mqtt://localhost"
    if "." in name or ":" in name:
        hint += f"; a host is written mqtt://{name}"
    return InputError(f"no profile is called {name!r}", title="Unknown profile", hint=hint)
