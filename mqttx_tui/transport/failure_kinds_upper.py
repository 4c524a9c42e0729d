"""The kinds of failure from the WebSocket upgrade on, as data."""

from __future__ import annotations

from mqttx_tui.model.errors import Exit
from mqttx_tui.transport.failure_kinds import Failure

UPPER: dict[str, Failure] = {
    "upgrade.timeout": Failure(
        "upgrade",
        "No answer to the upgrade",
        "{address} did not answer the WebSocket upgrade within {seconds} s",
        "is this the port of the WebSocket listener?",
    ),
    "upgrade.closed": Failure(
        "upgrade",
        "Closed before the upgrade",
        "{address} closed the connection instead of answering the WebSocket upgrade",
        "{advice}",
    ),
    "upgrade.tls_port": Failure(
        "upgrade", "TLS on this port", "{address} answers with TLS, not with HTTP", "try {other}"
    ),
    "upgrade.not_http": Failure(
        "upgrade",
        "Not a web server",
        "{address} answered with bytes that are not HTTP ({start})",
        "is this the port of the WebSocket listener?",
    ),
    "upgrade.redirect": Failure(
        "upgrade",
        "Redirected",
        "the server answered HTTP {status} {phrase} and points to {location}",
        'url = "{url}"',
    ),
    "upgrade.redirects": Failure(
        "upgrade",
        "Redirected too often",
        "{limit} redirects were followed, and the server points on to {location}",
        "the server sends its clients in a circle: see its settings",
    ),
    "upgrade.no_upgrade": Failure(
        "upgrade",
        "Wrong path",
        "the server answered HTTP {status} {phrase} to {path}: an ordinary page, no WebSocket",
        "{advice}",
    ),
    "upgrade.400": Failure(
        "upgrade",
        "Upgrade refused",
        "the server answered HTTP 400 {phrase} to {path}",
        "check path, subprotocols and origin",
        retry=False,
    ),
    "upgrade.401": Failure(
        "upgrade",
        "Not authenticated",
        "the server answered HTTP 401 {phrase}: it wants to know who you are ({challenge})",
        "{login}",
        retry=False,
        exit_code=Exit.NOT_AUTHORISED,
    ),
    "upgrade.403": Failure(
        "upgrade",
        "Forbidden",
        "the server answered HTTP 403 {phrase} to {path}",
        "these credentials, this address or this origin may not connect",
        retry=False,
        exit_code=Exit.NOT_AUTHORISED,
    ),
    "upgrade.404": Failure(
        "upgrade", "Wrong path", "the server answered HTTP 404 {phrase} to {path}", "{advice}", retry=False
    ),
    "upgrade.426": Failure(
        "upgrade",
        "Another protocol wanted",
        "the server answered HTTP 426 {phrase} and wants {wanted}",
        "a proxy in between may strip the Upgrade header",
        retry=False,
    ),
    "upgrade.429": Failure(
        "upgrade",
        "Too many requests",
        "the server answered HTTP 429 {phrase}",
        "it limits connections: wait, or connect less often",
    ),
    "upgrade.408": Failure("upgrade", "Upgrade timed out there", "the server answered HTTP 408 {phrase}"),
    "upgrade.4xx": Failure(
        "upgrade",
        "Upgrade refused",
        "the server answered HTTP {status} {phrase} to {path}",
        "check path, subprotocols and headers",
        retry=False,
    ),
    "upgrade.5xx": Failure(
        "upgrade",
        "Server error",
        "the server answered HTTP {status} {phrase}",
        "the server, or what stands behind it, is in trouble: see its log",
    ),
    "upgrade.invalid": Failure(
        "upgrade",
        "Bad upgrade",
        "the server's answer to the WebSocket upgrade is wrong ({reason})",
        "is this a WebSocket server? a proxy in between may change headers",
    ),
    "upgrade.subprotocol": Failure(
        "upgrade",
        "Subprotocol refused",
        "the server did not take {offered} and chose {chosen}",
        "{advice}",
    ),
    "upgrade.header": Failure(
        "upgrade",
        "Bad header",
        "headers.{name}: {reason}",
        "correct it in the profile",
        retry=False,
        exit_code=Exit.BAD_INPUT,
    ),
    "ws.text": Failure(
        "link",
        "Text frame",
        "the server sent a text frame, and MQTT travels in binary frames",
        'is this an MQTT broker? for a raw WebSocket: protocol = "websocket"',
    ),
    "ws.protocol": Failure(
        "link",
        "WebSocket protocol error",
        "the server broke the WebSocket protocol ({reason})",
        "is something else than a WebSocket server behind this address?",
    ),
    "ws.not_utf8": Failure(
        "link",
        "Not UTF-8",
        "the server sent a text message that is not UTF-8 ({reason}): closed with 1007",
        "the server should send such data in binary frames",
    ),
    "ws.too_big": Failure(
        "link",
        "Message too big",
        "the server sent a message over {limit} bytes: closed with 1009",
        "max_packet in the profile allows more",
    ),
    "ws.closed": Failure(
        "link", "Closed with {number}", "the server closed with {number} {meaning}{reason}", "{advice}"
    ),
    "ws.cut": Failure(
        "link",
        "Connection cut",
        "{peer} ended the connection without a close frame (1006)",
        "the server crashed or was stopped, or a proxy dropped an idle connection: a shorter keepalive helps",
    ),
    "link.silent": Failure(
        "link",
        "No sign of life",
        "{peer} sent no byte for {seconds} s, not even an answer to our ping",
        "the network is gone, or the server hangs",
    ),
    "link.down": Failure(
        "link",
        "Not connected",
        "{label} is not connected: the frame was not sent",
        "a WebSocket keeps nothing for later; connect first",
    ),
    "mqtt.tls_port": Failure(
        "mqtt", "TLS on this port", "{address} answers with TLS, not with MQTT", "try {other}"
    ),
    "mqtt.http_port": Failure(
        "mqtt",
        "A web server answered",
        "{address} answers with HTTP, not with MQTT ({line})",
        "MQTT over WebSocket? try {other}; else 1883 is the usual MQTT port",
    ),
    "mqtt.other_protocol": Failure(
        "mqtt",
        "Not an MQTT server",
        "{address} speaks {protocol}, not MQTT",
        "check the port: MQTT is usually 1883, 8883 with TLS",
    ),
    "mqtt.not_mqtt": Failure(
        "mqtt",
        "Not an MQTT server",
        "{address} answered with bytes that are not MQTT ({start})",
        "check the port: MQTT is usually 1883, 8883 with TLS",
    ),
    "mqtt.closed": Failure(
        "mqtt",
        "Closed without an answer",
        "{address} closed the connection instead of answering CONNECT",
        "{advice}",
    ),
    "link.reset": Failure(
        "link",
        "Connection reset",
        "{peer} cut the connection ({reason})",
        "the other side crashed, was restarted, or something between dropped the connection",
    ),
    "link.failed": Failure("link", "Connection lost", "the connection to {peer} broke ({reason})"),
}
"""By name: the layer, a dot, what happened."""
