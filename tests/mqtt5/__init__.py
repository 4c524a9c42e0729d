"""MQTT 5, every part of the client side, against real brokers and other tools."""
