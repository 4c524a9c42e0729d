"""``python -m mqttx_tui``."""

from mqttx_tui.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
