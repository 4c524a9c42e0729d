"""The stream under load: what its title says, acknowledgements, the payload's column, calm rows."""

from __future__ import annotations

import random
import re
from pathlib import Path

from mqttx_tui.capture.limits import Limits
from mqttx_tui.model.message import OUTGOING, PacketRow
from tests.ui.bench_app import MILLISECOND, Bench, bench
from tests.ui.test_stream import numbered

QOS1 = 0b010
WIDE = Limits(messages=200_000, bytes=100_000_000)


async def flood(app: Bench, rounds: int = 5, each: int = 10_740) -> None:
    """``each`` messages every half second, 98 % of them below site/noisy."""
    for _ in range(rounds):
        app._at += 500 * MILLISECOND
        part = [
            (f"site/noisy/{n % 20}" if n % 50 else "site/calm/1", b'{"v": %d}' % n, 0) for n in range(each)
        ]
        await app.feed(part, step=0)


async def test_the_title_and_the_last_line_say_what_is_skipped(tmp_path: Path) -> None:
    async with bench(tmp_path, limits=WIDE) as app:
        await flood(app)
        rows = len(app.app.main_screen.messages.stream.ids_shown)
        assert f" 21,480/s · showing {rows} of every 10,740" in app.line("3 Messages")
        note = app.line("noisiest")[39:]
        assert note.startswith("─ noisiest: site/noisy/# 98 % · Space pause · x exclude it · Enter narrow ─")
        assert len(note) == 81
        await app.press("enter")
        await app.until(lambda: "site/noisy" in app.line("3 Messages"), "narrowed")


async def test_a_paused_title_counts_in_place(tmp_path: Path) -> None:
    async with bench(tmp_path, limits=WIDE) as app:
        await app.feed(numbered(1, 30))
        await app.press("space")
        await app.feed(numbered(31, 1234), step=1)
        title = app.line("3 Messages")
        assert re.search(r" PAUSED at \d\d:\d\d:\d\d ·     1,204 newer", title)
        await app.feed(numbered(1235, 41_234), step=0)
        later = app.line("3 Messages")
        assert "   41,204 newer" in later
        assert later.index("newer") == title.index("newer"), "the width is fixed"


async def test_an_acknowledgement_stays_at_its_row_under_load_and_goes_with_it(tmp_path: Path) -> None:
    async with bench(tmp_path, limits=Limits(messages=300, bytes=100_000_000)) as app:
        await app.feed(numbered(1, 20))
        sent = await app.feed([("site/7/set", b"ON", OUTGOING | QOS1)])
        assert "✓" not in app.line("site/7/set")
        for at, direction, kind in ((0, 1, 3), (14, 0, 4)):
            app.sink.packet(
                PacketRow(app._at + at * MILLISECOND, 1, direction, kind, message=sent, packet_id=7, reason=0)
            )
        await app.feed(numbered(21, 22))
        assert app.line("site/7/set").rstrip().endswith("✓ 14 ms")
        column = app.line("site/7/set").index("✓")
        await app.press("up", "up", "up")
        for start in range(23, 223, 50):
            await app.feed(numbered(start, start + 49))
            assert app.line("site/7/set").index("✓") == column
        for start in range(223, 1000, 100):
            await app.feed(numbered(start, start + 99))
        await app.until(lambda: "site/7/set" not in "\n".join(row[39:] for row in app.lines[2:18]), "evicted")
        assert "evicted" in app.line("›")
        await app.press("f")
        await app.tick()
        assert "✓" not in "\n".join(app.lines[2:18])


async def test_the_payload_scrolls_to_its_end_and_the_title_says_from_where(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        text = b"".join(b"%04d" % number for number in range(30))
        await app.feed([("t", text, 0), ("t", b"short", 0)])
        room = app.app.main_screen.messages.stream._columns.payload
        await app.press(*["right"] * 30)
        offset = app.app.main_screen.messages.stream.offset_cells
        assert 120 - room <= offset < 120 - room + 8, "no further than the end of the longest"
        assert "0029" in app.lines[2]
        assert f"payload from {offset + 1} " in app.line("3 Messages")
        await app.press(*["left"] * 30)
        assert "payload from" not in app.line("3 Messages")
        await app.press("right", *["left"] * 2)
        assert app.app.main_screen.messages.stream.offset_cells == 0


async def test_no_row_changes_its_looks_more_than_twice_a_second(tmp_path: Path) -> None:
    """Traffic of some minutes ago, played at 20 ticks a second: 40 messages a second and bursts."""
    chance = random.Random(7)
    changes: dict[int, list[tuple[float, tuple[object, ...]]]] = {}
    async with bench(tmp_path) as app:
        stream = app.app.main_screen.messages.stream
        now = 0.0
        for tick in range(100):
            now += 0.05
            app._at += 50 * MILLISECOND
            burst = 30 if tick % 33 == 0 else chance.randint(0, 4)
            part = [(f"site/{chance.randint(1, 5)}/temp", b'{"v": %d}' % tick, 0) for _ in range(burst)]
            await app.feed(part, step=0) if part else await app.tick(0.05)
            if tick % 20 == 10:
                await app.press("up")
            elif tick % 20 == 15:
                await app.press("f")
            for y, entry in enumerate(stream._entries):
                looks = tuple(
                    (str(part.style), len(part.text)) for part in stream.line_at(y, stream.size.width)
                )
                known = changes.setdefault(entry.id, [])
                if not known or known[-1][1] != looks:
                    known.append((now, looks))
    assert len(changes) > 100
    for ident, seen in changes.items():
        times = [at for at, _ in seen[1:]]
        for index, at in enumerate(times):
            within = [other for other in times[index:] if other - at < 1.0]
            assert len(within) <= 2, (ident, times)
