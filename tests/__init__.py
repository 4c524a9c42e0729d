"""Tests of mqttx-tui."""
