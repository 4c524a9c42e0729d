"""Which session serves which protocol."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile
from mqttx_tui.session.base import Observer, Session, Sink

Factory = Callable[[Profile, Sink, Observer], Session]

_SESSIONS = {
    "mqtt": ("mqttx_tui.session.mqtt", "MqttSession"),
    "websocket": ("mqttx_tui.session.websocket", "WebSocketSession"),
}
"""By the profile's protocol: module and class, imported when first used."""


def make_session(profile: Profile, sink: Sink, observer: Observer) -> Session:
    """A session for the profile's protocol. Raises ``InputError`` for one that nobody speaks."""
    place = _SESSIONS.get(profile.protocol)
    if place is None:
        known = ", ".join(_SESSIONS)
        raise InputError(f"protocol {profile.protocol!r} is not one of {known}", title="Unknown protocol")
    factory: Factory = getattr(import_module(place[0]), place[1])
    return factory(profile, sink, observer)
