"""What is wrong in a profile file, said so that a person can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from mqttx_tui.model.visible import visible


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. ``table`` is written as in the file (``connections.lab``), ``key`` is
    relative to it, ``profile`` the connection that it belongs to (empty: the whole file).
    ``line`` and ``column`` count from 1, 0 is unknown.
    """

    file: str
    line: int
    table: str
    key: str
    text: str
    hint: str = ""
    profile: str = ""
    column: int = 0

    @property
    def place(self) -> str:
        """``table.key``, or what of it is known."""
        return ".".join(part for part in (self.table, self.key) if part)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:" if self.line else f"{self.file}:"
        what = f" {self.place}:" if self.place else ""
        hint = f" — {self.hint}" if self.hint else ""
        return visible(f"{where}{what} {self.text}{hint}")


CONNECTION_PEERS: dict[str, str] = {
    "insecure": "tls.verify = false",
    "verify": "tls.verify",
    "tls_verify": "tls.verify",
    "reject_unauthorized": "tls.verify",
    "rejectunauthorized": "tls.verify",
    "ca": "tls.ca",
    "ca_file": "tls.ca",
    "cafile": "tls.ca",
    "ca_cert": "tls.ca",
    "ca_certs": "tls.ca",
    "cert": "tls.cert",
    "cert_file": "tls.cert",
    "certfile": "tls.cert",
    "client_cert": "tls.cert",
    "key": "tls.key",
    "key_file": "tls.key",
    "keyfile": "tls.key",
    "client_key": "tls.key",
    "key_password": "tls.key_password",
    "keyfile_password": "tls.key_password",
    "passphrase": "tls.key_password",
    "sni": "tls.server_name",
    "server_name": "tls.server_name",
    "servername": "tls.server_name",
    "alpn": "tls.alpn",
    "fingerprint": "tls.fingerprint",
    "ssl": 'url = "mqtts://…"',
    "secure": 'url = "mqtts://…"',
    "scheme": "url",
    "uri": "url",
    "path": "url",
    "transport": "url",
    "version": 'mqtt = "5" or "3.1.1"',
    "mqtt_version": "mqtt",
    "protocol_version": "mqtt",
    "protocolversion": "mqtt",
    "clientid": "client_id",
    "client": "client_id",
    "id": "client_id",
    "user": "username",
    "user_name": "username",
    "login": "username",
    "pass": "password",
    "passwd": "password",
    "pw": "password",
    "keep_alive": "keepalive",
    "clean": "clean_start",
    "clean_session": "clean_start",
    "cleansession": "clean_start",
    "session_expiry_interval": "session_expiry",
    "timeout": "connect_timeout",
    "topic": "subscriptions",
    "topics": "subscriptions",
    "subscribe": "subscriptions",
    "filters": "subscriptions",
    "readonly": "read_only",
    "auto_connect": "connect",
    "autoconnect": "connect",
    "autostart": "connect",
    "colour": "color",
    "label": "name",
    "title": "name",
    "folder": "group",
    "last_will": "will",
    "lwt": "will",
    "ws_headers": "headers",
    "subprotocol": "subprotocols",
    "max_packet_size": "max_packet",
    "http_proxy": "proxy",
    "receive_maximum": "properties.receive_maximum",
    "maximum_packet_size": "properties.maximum_packet_size",
    "topic_alias_maximum": "properties.topic_alias_maximum",
    "request_response_information": "properties.request_response_information",
    "request_problem_information": "properties.request_problem_information",
    "user_properties": "properties.user",
    "auth_method": "properties.authentication_method",
    "authentication_method": "properties.authentication_method",
    "auth_data": "properties.authentication_data",
    "authentication_data": "properties.authentication_data",
    "ignore": "exclude",
}
SUBSCRIPTION_PEERS: dict[str, str] = {
    "topic": "filter",
    "topic_filter": "filter",
    "enabled": "on",
    "disabled": "on = false",
    "nl": "no_local",
    "rap": "retain_as_published",
    "rh": "retain_handling",
    "subscription_identifier": "identifier",
    "id": "identifier",
    "user_properties": "user",
    "colour": "color",
    "name": "alias",
    "label": "alias",
    "format": "decoder",
}
MESSAGE_PEERS: dict[str, str] = {
    "message": "payload",
    "text": "payload",
    "body": "payload",
    "data": "payload",
    "file": "payload_file",
    "hex": "payload_hex",
    "base64": "payload_base64",
    "interval": "every",
    "repeat": "every",
    "retained": "retain",
    "user_properties": "properties.user",
    "user": "properties.user",
    "content_type": "properties.content_type",
    "response_topic": "properties.response_topic",
    "auto": "on_connect",
    "onconnect": "on_connect",
}
TLS_PEERS: dict[str, str] = {
    name: ours.removeprefix("tls.") for name, ours in CONNECTION_PEERS.items() if ours.startswith("tls.")
}
WILL_PEERS: dict[str, str] = {
    "message": "payload",
    "retained": "retain",
    "delay_interval": "delay",
    "will_delay_interval": "delay",
    "message_expiry": "message_expiry_interval",
    "expiry": "message_expiry_interval",
    "user_properties": "user",
}
HOST_KEYS = ("host", "hostname", "broker", "server", "address")


def suggestion(key: str, known: Iterable[str], peers: dict[str, str]) -> str:
    """What an unknown key probably means, as a hint; empty when nobody can guess."""
    folded = key.lower().replace("-", "_")
    names = list(known)
    if folded in names:
        return f"it is written {folded}"
    if folded in peers:
        return f"it is called {peers[folded]} here"
    near = get_close_matches(folded, [*names, *peers], 1, 0.7)
    if near:
        return f"did you mean {peers.get(near[0], near[0]) if near[0] not in names else near[0]}?"
    return ""
