"""No secret is on a picture of the screen, whatever is open."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from mqttx_tui.model.start import StartOptions
from mqttx_tui.ui.app import MqttxTui
from mqttx_tui.ui.backend import backend_for
from mqttx_tui.ui.screens.connection_form import ConnectionForm
from tests.support.mosquitto import Mosquitto
from tests.support.wait import eventually

PASSWORD, PASSPHRASE = "screen-pw-41077", "screen-passphrase-5521"
BEARER, QUERY, IN_URL = "screen-bearer-9121", "screen-query-60881", "screen-url-pw-3319"
SECRETS = (PASSWORD, PASSPHRASE, BEARER, QUERY, IN_URL)
PROFILES = f"""\
schema = 1

[connections.bench]
url = "mqtts://localhost:1"
username = "dev"
password = "{PASSWORD}"
tls.key_password = "{PASSPHRASE}"

[connections.socket]
url = "wss://user:{IN_URL}@localhost:1/x?token={QUERY}"
protocol = "websocket"
headers = {{ Authorization = "Bearer {BEARER}" }}

[connections.live]
url = "mqtt://localhost:PORT"
username = "anybody"
password = "{PASSWORD}"
connect = true
subscriptions = ["screens/#"]
"""


@pytest.mark.mosquitto
async def test_no_secret_on_screen(mosquitto: Mosquitto, tmp_path: Path) -> None:
    config = tmp_path / "connections.toml"
    config.write_text(PROFILES.replace("PORT", str(mosquitto.port)))
    options = StartOptions(config=config)
    app = MqttxTui(options, backend_for(options))
    pictures: list[str] = []
    async with app.run_test(size=(120, 50), notifications=True) as pilot:

        async def look() -> None:
            await pilot.pause()
            pictures.append(app.export_screenshot())

        await eventually(app.workspace.connected_ids, "the live one connected")
        await pilot.press("1", "home")
        await look()
        opened = set()
        for _ in range(40):
            await pilot.press("e")
            await pilot.pause()
            if isinstance(app.screen, ConnectionForm):
                url = app.screen.query_one("#field-url", Input).value
                new = url not in opened
                opened.add(url)
                if new:
                    await look()
                    await pilot.press("f5")
                    stages = app.screen.query_one("#stages")
                    await eventually(lambda shown=stages: "…" not in str(shown.render()), "tested")
                    await look()
                await pilot.press("escape")
                await eventually(lambda: not isinstance(app.screen, ConnectionForm), "the form closed")
                if new:
                    await pilot.press("enter")
            if len(opened) == 3:
                break
            await pilot.press("down")
            await look()
        assert len(opened) == 3
        await pilot.press("4", "right_square_bracket")
        await look()
        app.ticker.hold = True
        app.leave()
        await eventually(lambda: not app.is_running, "the app ended")
    found = [(secret, number) for secret in SECRETS for number, svg in enumerate(pictures) if secret in svg]
    assert not found
    assert any("•" in svg for svg in pictures)
