"""n, N and *: going through matches without hiding the rest."""

from __future__ import annotations

from pathlib import Path

from mqttx_tui.ui.widgets.stream_row import Highlight, highlighted
from tests.ui.bench_app import Bench, bench
from tests.ui.test_marks import rows
from tests.ui.test_stream import numbered


def cursor(app: Bench) -> int:
    return next(int(row.rpartition(" ")[2]) for row in rows(app) if row.startswith("›"))


async def press_to(app: Bench, key: str, number: int) -> None:
    await app.press(key)
    await app.until(lambda: cursor(app) == number, f"{key}: {number}")


def reversed_text(app: Bench) -> set[str]:
    stream = app.app.main_screen.messages.stream
    strips = [stream.line_at(y, stream.size.width) for y in range(stream.size.height)]
    return {segment.text for strip in strips for segment in strip if segment.style and segment.style.reverse}


async def test_the_marked_topic_is_highlighted_and_gone_through(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 300))
        await app.press("up", "asterisk")
        assert cursor(app) == 299
        assert reversed_text(app) == {"site/2/temp"}
        assert len({row.split()[2] for row in rows(app)}) == 3
        for key, number in (("N", 296), ("N", 293), ("n", 296), ("n", 299), ("n", 299)):
            await press_to(app, key, number)
        assert "no further match" in "\n".join(app.lines)
        await app.press("asterisk")
        assert reversed_text(app) == set()
        await app.press("N")
        await app.tick()
        assert cursor(app) == 299


async def test_matches_of_the_last_filter_are_found_after_it_was_taken_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 300))
        await app.press("slash", *"NUMBER 12", "enter")
        await app.until(lambda: "13 of 300" in app.line("3 Messages"), "the matches")
        await app.until(lambda: "number 129" in "\n".join(rows(app)), "their rows")
        assert reversed_text(app) == {"number", "12"}
        await app.press("slash", *["backspace"] * 9, "enter")
        await app.until(lambda: "300 kept" in app.line("3 Messages"), "everything again")
        for key, number in (("N", 212), ("N", 129), ("N", 128), ("n", 129)):
            await press_to(app, key, number)


async def test_a_match_that_the_filter_hides_is_passed_over(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 40))
        await app.press("slash", *"payload contains 4", "enter")
        await app.until(lambda: len([row for row in rows(app) if "number" in row]) == 5, "the matches")
        await app.press("asterisk")
        assert reversed_text(app) == {"site/1/temp"}
        await press_to(app, "N", 34)
        await press_to(app, "N", 4)
        await press_to(app, "n", 34)


async def test_without_anything_to_look_for_n_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 3))
        await app.press("n")
        await app.tick()
        assert "nothing to look for yet" in "\n".join(app.lines)


def test_words_are_reversed_in_any_case_and_never_as_patterns() -> None:
    pieces = [("a/B.c  ", "strong"), ("x a.b A.B axb", "text"), ("a.b", "dim")]
    found = highlighted(pieces, "a/B.c", Highlight(words=("a.b",)))
    assert [text for text, ink in found if ink.endswith("marked")] == ["a.b", "A.B"]
    assert "".join(text for text, _ in found) == "".join(text for text, _ in pieces)
