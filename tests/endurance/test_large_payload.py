"""A payload of 50 MB: shown at once, in parts, and never in the memory of the process that paints."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest

from mqttx_tui.payload.registry import names
from mqttx_tui.ui.widgets.document import MOST_PARTS
from tests.endurance.running import RunningApp, running_app
from tests.support.mosquitto import Mosquitto
from tests.support.wait import FACTOR

SIZE = 50_000_000
GROWTH = 20_000_000
FIRST = "the first part"
END = "the very end"
AFTER_BASE64 = len(names()) - names().index("base64")
"""How often b is pressed until the first decoder, which is chosen by itself, has its turn again."""

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow, pytest.mark.timeout(300 * FACTOR)]


def large() -> bytes:
    """Text whose first line fills its row in the stream: what follows can only be the inspector's."""
    head, end = b"y" * 70 + b"\n" + FIRST.encode() + b"\n", b"\n" + END.encode() + b"\n"
    lines = b"".join(b"line %09d%s\n" % (number, b"x" * 45) for number in range(SIZE // 60))
    return head + lines[: SIZE - len(head) - len(end)] + end


class Watch:
    """Presses keys, notes how long each took to reach the terminal, and the most memory taken."""

    def __init__(self, app: RunningApp) -> None:
        self.app = app
        self.times: list[str] = []
        self.memory = 0

    def press(self, keys: str, text: str) -> None:
        self.app.quiet(0.2)
        began = time.monotonic()
        self.app.shows(text, self.app.press(keys))
        self.times.append(f"{keys!r} {(time.monotonic() - began) * 1000:.0f} ms")
        self.memory = max(self.memory, self.app.memory())


def test_a_payload_of_50_mb_is_shown_in_parts(mosquitto: Mosquitto, tmp_path: Path) -> None:
    with running_app(tmp_path, mosquitto.port, "-t", "large/#") as app:
        app.publish("large/a", b"a small message")
        app.shows("a small message")
        app.quiet(0.5)
        before = app.memory()
        app.publish("large/b", large())
        app.captured(2, 60)
        app.publish("large/c", b"a later message")
        app.captured(3, 10)
        app.shows("a later message")

        watch = Watch(app)
        watch.press("g", "#1 ")
        watch.press("j", FIRST)
        watch.press("\r", "decoder")
        watch.press("]", f"{SIZE:,} bytes")
        watch.press("]", "00000000")
        watch.press("G", END)
        watch.press("g", "00000000")
        watch.press("bbbb", base64.b64encode(large()[:57]).decode())
        watch.press("G", base64.b64encode(large()[-(SIZE % 57) :]).decode())
        watch.press("b" * AFTER_BASE64, FIRST)
        for _ in range(MOST_PARTS - 4):
            app.shows("line 000", app.press("G"))
        watch.press("GGGG", "the rest is in the Hex tab")
        watch.press("g", FIRST)
        watch.press("r", f"Not reused: its payload has {SIZE:,} bytes")
        watch.press("y", "only the beginning of the payload copied")
        watch.press("3f", "LIVE")
        grown = watch.memory - before
        print(f"{', '.join(watch.times)}; grown by {grown / 1e6:.1f} MB from {before / 1e6:.1f} MB")
        assert grown <= GROWTH
