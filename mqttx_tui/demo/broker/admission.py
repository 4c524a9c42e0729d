"""Whether a CONNECT is accepted, and with which CONNACK (MQTT 5.0 §3.1.4, §3.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from mqttx_tui.demo.broker.core import Core
from mqttx_tui.demo.broker.limits import Limits
from mqttx_tui.model.profile import SCRAM_METHODS
from mqttx_tui.wire.packets import V5, V31, Connect, Properties

UNSUPPORTED_VERSION = 0x84
CLIENT_ID_INVALID = 0x85
BAD_USER = 0x86
NOT_AUTHORISED = 0x87
BAD_METHOD = 0x8C
RETAIN_NOT_SUPPORTED = 0x9A
QOS_NOT_SUPPORTED = 0x9B

_RETURN_CODES = {UNSUPPORTED_VERSION: 1, CLIENT_ID_INVALID: 2, BAD_USER: 4, NOT_AUTHORISED: 5}
_SERVER_UNAVAILABLE = 3


def return_code(reason: int, version: int) -> int:
    """``reason`` as CONNACK says it in ``version``."""
    if version >= V5 or not reason:
        return reason
    return _RETURN_CODES.get(reason, _SERVER_UNAVAILABLE)


@dataclass(slots=True)
class Admission:
    """``reason`` 0 admits. ``client_id`` is the client's own or an assigned one, ``keepalive`` and
    ``expiry`` (seconds) are what counts from here on."""

    reason: int
    client_id: str = ""
    keepalive: int = 0
    expiry: float = 0.0
    properties: Properties = field(default_factory=dict)


def admit(core: Core, connect: Connect) -> Admission:
    """Check a CONNECT; changes nothing in ``core``."""
    reason = _refusal(core, connect)
    if reason:
        return Admission(reason)
    limits = core.limits
    client_id = connect.client_id or core.assigned_id()
    keepalive = connect.keepalive
    if connect.version >= V5 and limits.server_keep_alive is not None:
        keepalive = limits.server_keep_alive
    asked = _asked_expiry(connect)
    expiry = min(asked, limits.max_session_expiry)
    found = _announcements(limits) if connect.version >= V5 else {}
    if connect.version >= V5:
        if not connect.client_id:
            found["assigned_client_identifier"] = client_id
        if expiry != asked:
            found["session_expiry_interval"] = int(expiry)
    return Admission(0, client_id, keepalive, expiry, found)


def _refusal(core: Core, connect: Connect) -> int:
    limits, will = core.limits, connect.will
    if connect.version not in limits.versions:
        return UNSUPPORTED_VERSION
    if not connect.client_id and (
        connect.version == V31 or (connect.version < V5 and not connect.clean_start)
    ):
        return CLIENT_ID_INVALID
    method = connect.properties.get("authentication_method")
    if method is not None and (core.users is None or method not in SCRAM_METHODS):
        return BAD_METHOD
    if will is not None and will.qos > limits.maximum_qos:
        return QOS_NOT_SUPPORTED
    if will is not None and will.retain and not limits.retain_available:
        return RETAIN_NOT_SUPPORTED
    if method is not None:
        return 0  # SCRAM decides
    return core.authenticate(connect) if core.authenticate is not None else 0


def _asked_expiry(connect: Connect) -> float:
    if connect.version < V5:
        return 0.0 if connect.clean_start else float("inf")
    return expiry_seconds(connect.properties.get("session_expiry_interval", 0))


def expiry_seconds(interval: int) -> float:
    """A Session Expiry Interval in seconds; its largest value means never (MQTT 5.0 §3.1.2.11.2)."""
    return float("inf") if interval == 0xFFFFFFFF else float(interval)


def _announcements(limits: Limits) -> Properties:
    found: Properties = {
        "receive_maximum": limits.receive_maximum,
        "topic_alias_maximum": limits.topic_alias_maximum,
        "maximum_packet_size": limits.max_packet,
    }
    if limits.maximum_qos < 2:
        found["maximum_qos"] = limits.maximum_qos
    if not limits.retain_available:
        found["retain_available"] = False
    if limits.server_keep_alive is not None:
        found["server_keep_alive"] = limits.server_keep_alive
    return found
