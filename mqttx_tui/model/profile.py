"""Connection profiles as the program sees them; reading and writing them is ``profiles/``.

Fields that may hold a secret are left out of ``repr``: tracebacks and logs show that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

SecretKind = Literal["env", "file", "command", "keyring", "prompt"]
MqttVersion = Literal["auto", "5", "3.1.1", "3.1"]
PayloadFormat = Literal["text", "json", "hex", "base64"]

SCRAM_METHODS = ("SCRAM-SHA-256", "SCRAM-SHA-512")
"""Authentication methods (MQTT 5.0 §4.12) whose data are worked out from user name and password."""


@dataclass(frozen=True, slots=True)
class SecretRef:
    """A value that is fetched at every attempt to connect and never stored.

    ``argument`` is the variable, path, command line or keyring entry; for ``prompt`` it is the
    question to ask.
    """

    kind: SecretKind
    argument: str = ""


Value = str | SecretRef
"""A string as written (placeholders not yet filled in), or where to fetch it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic filter with its options (MQTT 5.0 §3.8.3.1)."""

    filter: str
    qos: int = 0
    on: bool = True
    alias: str = ""
    color: str = ""
    no_local: bool = False
    retain_as_published: bool = False
    retain_handling: int = 0
    identifier: int | None = None
    user: tuple[tuple[str, str], ...] = ()
    decoder: str = ""


@dataclass(frozen=True, slots=True)
class SavedMessage:
    """A message kept in the profile; exactly one of the four payload fields is set (none: empty)."""

    name: str
    topic: str = ""
    payload: str | None = field(default=None, repr=False)
    payload_file: str | None = None
    payload_hex: str | None = field(default=None, repr=False)
    payload_base64: str | None = field(default=None, repr=False)
    format: PayloadFormat = "text"
    qos: int = 0
    retain: bool = False
    properties: dict[str, Any] = field(default_factory=dict)
    on_connect: bool = False
    every: float | None = None
    when: str = ""
    template: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Will:
    """The will message (MQTT 5.0 §3.1.3). With ``on_leave`` it is published also when we leave in good
    order: DISCONNECT 0x04 asks for it, which only MQTT 5 has (§3.14.2.1).

    ``delay`` (seconds) and everything below it are properties, which only MQTT 5 has (§3.1.3.2).
    """

    topic: str
    payload: str = ""
    qos: int = 0
    retain: bool = False
    delay: float = 0.0
    payload_format_indicator: int | None = None
    message_expiry_interval: int | None = None
    content_type: str = ""
    response_topic: str = ""
    correlation_data: str = ""
    user: tuple[tuple[str, str], ...] = ()
    on_leave: bool = False


@dataclass(frozen=True, slots=True)
class TlsOptions:
    """How TLS is verified. ``fingerprint`` is ``sha256:<hex>`` of the peer's certificate."""

    ca: str = ""
    cert: str = ""
    key: str = ""
    key_password: Value = field(default="", repr=False)
    server_name: str = ""
    alpn: tuple[str, ...] = ()
    verify: bool = True
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class ConnectProperties:
    """MQTT 5 CONNECT properties (MQTT 5.0 §3.1.2.11); ``None`` and ``""`` leave a property out.

    With an ``authentication_method`` of ``SCRAM_METHODS`` the data are worked out from user name and
    password, which then stay out of CONNECT; for any other ``authentication_data`` are sent as text.
    """

    receive_maximum: int | None = None
    maximum_packet_size: int | None = None
    topic_alias_maximum: int | None = None
    request_response_information: bool | None = None
    request_problem_information: bool | None = None
    user: tuple[tuple[str, str], ...] = ()
    authentication_method: str = ""
    authentication_data: Value = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PacketProperties:
    """Properties of packets that have nothing else in a profile, by the names of ``wire.properties``
    (MQTT 5.0 §3.10.2.1, §3.14.2.2, §3.15.2.2)."""

    unsubscribe: dict[str, Any] = field(default_factory=dict)
    disconnect: dict[str, Any] = field(default_factory=dict)
    auth: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """One connection. ``key`` is the table's name in the file; times are seconds."""

    key: str
    url: Value = field(repr=False)
    protocol: Literal["mqtt", "websocket"] = "mqtt"
    mqtt: MqttVersion = "auto"
    name: str = ""
    group: str = ""
    color: str = ""
    connect: bool = False
    read_only: bool = False
    client_id: str = ""
    username: Value = ""
    password: Value | None = field(default=None, repr=False)
    bearer: Value = field(default="", repr=False)
    keepalive: float = 60.0
    clean_start: bool = True
    session_expiry: float = 0.0
    connect_timeout: float = 10.0
    retries: int | None = None
    retry_longest: float = 60.0
    tls: TlsOptions = field(default_factory=TlsOptions)
    headers: tuple[tuple[str, Value], ...] = field(default=(), repr=False)
    subprotocols: tuple[str, ...] = ()
    origin: str = ""
    compression: bool = False
    max_packet: int = 268_435_455
    proxy: str = field(default="", repr=False)
    will: Will | None = None
    subscriptions: tuple[Subscription, ...] = ()
    exclude: tuple[str, ...] = ()
    messages: tuple[SavedMessage, ...] = ()
    topic_from: str = ""
    keep: bool = False
    properties: ConnectProperties = field(default_factory=ConnectProperties)
    packet_properties: PacketProperties = field(default_factory=PacketProperties)
    line: int = 0
    """Line of the table in the file, 0 when it does not come from one."""
    read_only_line: int = 0
    """Line of ``read_only`` in the file, for the refusal that names it."""

    @property
    def label(self) -> str:
        """What people call it: the name, or the table's key."""
        return self.name or self.key


@dataclass(frozen=True, slots=True)
class Resolved:
    """A profile for one attempt: every ``Value`` is a plain ``str`` with placeholders filled in.

    ``secrets`` lists every secret string that went into it, for redaction.
    """

    profile: Profile
    secrets: tuple[str, ...] = field(default=(), repr=False)
