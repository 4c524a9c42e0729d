"""An MQTT broker of our own: 3.1, 3.1.1 and 5, TCP, TLS, ws and wss, in one asyncio process."""

from mqttx_tui.demo.broker.limits import Limits
from mqttx_tui.demo.broker.server import Broker, password_check, server_tls

__all__ = ["Broker", "Limits", "password_check", "server_tls"]
