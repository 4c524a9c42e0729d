"""What is examined, and under which names: nothing that the doctor does may meet what others do."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace

from mqttx_tui.model.profile import MqttVersion, Profile, Resolved
from mqttx_tui.session.options import NAMES, version_of

PREFIX = "mqttx-tui/doctor"
"""The usual parent of the topics that are used."""
SHORT_ID = "mqttx-dr-"
"""With eight digits below the 23 characters that every 3.1.1 broker takes (MQTT 3.1.1 §3.1.3.1)."""
EVERY_VERSION: dict[int, MqttVersion] = {5: "5", 4: "3.1.1", 3: "3.1"}


@dataclass(frozen=True, slots=True)
class Plan:
    """One examination. ``seconds`` bounds every single wait.

    With ``exact_id`` the profile's client id is used as it is, and whoever is connected under it is
    thrown out (MQTT 5.0 §3.1.4); else a tail is added to it.
    """

    resolved: Resolved
    seconds: float
    prefix: str = PREFIX
    exact_id: bool = False
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def profile(self) -> Profile:
        """What is examined."""
        return self.resolved.profile

    @property
    def topic(self) -> str:
        """The topic of this examination; others are below it."""
        return f"{self.prefix}/{self.token}"

    @property
    def versions(self) -> tuple[int, ...]:
        """Protocol levels that the profile allows, in the order in which they are tried."""
        wanted = version_of(self.profile)
        return (5, 4) if wanted is None else (wanted,)

    def client_id(self) -> str:
        """A client id for one connection."""
        given = self.profile.client_id
        if self.exact_id and given:
            return given
        return f"{given}-{secrets.token_hex(2)}" if given else short_id()

    def at(self, version: int) -> Resolved:
        """What to connect with at a protocol level: a WebSocket names it in its subprotocol, too."""
        profile = replace(self.profile, mqtt=EVERY_VERSION[version], connect_timeout=self.seconds)
        return replace(self.resolved, profile=profile)


def short_id() -> str:
    """A client id that nobody has and every broker takes."""
    return SHORT_ID + secrets.token_hex(4)


def version_name(version: int) -> str:
    """``MQTT 5`` and so on."""
    return f"MQTT {NAMES[version]}"
