"""Look into live MQTT and WebSocket traffic, in a terminal."""

__version__ = "0.1.0"
