"""Tests of sessions: MQTT over real sockets, the supervisor, the registry."""
