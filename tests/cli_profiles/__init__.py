"""The frame of the command line, and ``mqttx-tui profiles``."""
