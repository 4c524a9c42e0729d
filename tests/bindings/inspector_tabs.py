"""What the keys of history, comparison and chart do."""

from __future__ import annotations

from tests.bindings.main_screen import active, inspected
from tests.bindings.registry import Press, effects_of
from tests.ui.bench_app import Bench
from tests.ui.test_chart import drawn, head
from tests.ui.test_diff import compared
from tests.ui.test_history import history, inspector, open_history

screen = effects_of("MainScreen")
pane = effects_of("InspectorPane")
history_tab = effects_of("HistoryTab")
diff_tab = effects_of("DiffTab")
chart_tab = effects_of("ChartTab")

FIELDS = b'{"temperature": 20, "humidity": %d}'


async def counted(app: Bench, count: int) -> int:
    """So many messages of one topic, counted from 0; returns the id of the first."""
    return await app.feed([("t", b"%d" % number, 0) for number in range(count)], step=100)


@screen("diff")
async def compares(app: Bench, press: Press) -> None:
    first = await counted(app, 2)
    await press()
    assert (await compared(app, first))[:2] == ["- 0", "+ 1  (+1)"]
    assert active(app) == "inspector"


@screen("chart")
async def draws(app: Bench, press: Press) -> None:
    await counted(app, 3)
    await press()
    assert (await drawn(app, 3)).startswith(". last 2 min 0")
    assert active(app) == "inspector"


def value(app: Bench) -> str:
    """The number that the inspector shows."""
    words = inspected(app)[1].strip(" ›").split()
    return words[0] if words else ""


@pane("inspector.older")
async def older(app: Bench, press: Press) -> None:
    await counted(app, 3)
    await app.press("up", "down", "enter")
    await app.until(lambda: value(app) == "2", "the newest")
    await press()
    await app.until(lambda: value(app) == "1", "the one before")


@pane("inspector.newer")
async def newer(app: Bench, press: Press) -> None:
    await counted(app, 3)
    await app.press("home", "enter")
    await app.until(lambda: value(app) == "0", "the oldest")
    await press()
    await app.until(lambda: value(app) == "1", "the one after it")


@history_tab("history.follow")
async def follows(app: Bench, press: Press) -> None:
    await counted(app, 60)
    await open_history(app)
    await app.press("end")
    await counted(app, 3)
    assert not history(app).model.follow
    await press()
    await app.until(lambda: history(app).model.follow, "the newest")
    assert inspector(app).tab_name == "History"


@diff_tab("diff.older")
async def against_an_older_one(app: Bench, press: Press) -> None:
    first = await counted(app, 3)
    await app.press("d")
    await compared(app, first + 1)
    await press()
    assert "+ 2  (+2)" in (await compared(app, first))[1]


@diff_tab("diff.newer")
async def against_a_newer_one(app: Bench, press: Press) -> None:
    first = await counted(app, 3)
    await app.press("d", "<")
    await compared(app, first)
    await press()
    assert "+ 2  (+1)" in (await compared(app, first + 1))[1]


@diff_tab("diff.previous")
async def against_the_one_before(app: Bench, press: Press) -> None:
    first = await counted(app, 4)
    await app.press("d", "<", "<")
    await compared(app, first)
    await press()
    await compared(app, first + 2)


async def charted(app: Bench) -> None:
    await app.feed([("t", FIELDS % value, 0) for value in (50, 60)])
    await app.press("v")
    assert (await drawn(app, 2)).startswith(".temperature 1/2 last 20")


@chart_tab("chart.down")
async def next_field(app: Bench, press: Press) -> None:
    await charted(app)
    await press()
    await app.until(lambda: ".humidity" in head(app) and "last 60" in head(app), "the next number")


@chart_tab("chart.up")
async def previous_field(app: Bench, press: Press) -> None:
    await charted(app)
    await app.press("down")
    await app.until(lambda: ".humidity" in head(app), "the second number")
    await press()
    await app.until(lambda: ".temperature" in head(app), "the first number")


@chart_tab("chart.choose")
async def lists_fields(app: Bench, press: Press) -> None:
    await charted(app)
    await press()
    await app.until(lambda: any("› .temperature" in line for line in app.lines), "the list")
    await app.press("down")
    await press()
    await app.until(lambda: ".humidity" in head(app), "the chosen one")


@chart_tab("chart.less")
async def less(app: Bench, press: Press) -> None:
    await counted(app, 1500)
    await app.press("v")
    await drawn(app, 1000)
    await press()
    await drawn(app, 100)


@chart_tab("chart.more")
async def more(app: Bench, press: Press) -> None:
    await counted(app, 1500)
    await app.press("v")
    await drawn(app, 1000)
    await press()
    await drawn(app, 1500)


@effects_of("palette")("History of the topic")
async def shows_the_history(app: Bench, press: Press) -> None:
    await counted(app, 3)
    await press()
    await app.until(
        lambda: inspector(app).tab_name == "History" and active(app) == "inspector", "its history"
    )
