"""The commands of mqttx-tui."""
