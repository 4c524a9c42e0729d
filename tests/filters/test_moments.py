"""Times in filters: days that are not named, ranges over midnight, zones, spans, ages, the mark."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.capture.filters import Context, parse
from mqttx_tui.capture.filters.evaluate import FilterMessage, matches
from mqttx_tui.capture.filters.moments import uses_time

BERLIN = ZoneInfo("Europe/Berlin")
SECOND = 1_000_000_000


def ns(text: str) -> int:
    """A local time of Berlin as ns since 1970."""
    return round(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()) * SECOND


def passes(text: str, at: int | str, newest: str = "2026-11-21T13:00:00", mark: str | None = None) -> bool:
    when = ns(at) if isinstance(at, str) else at
    context = Context(ns(newest), ns(newest), None if mark is None else ns(mark), BERLIN)
    return matches(parse(text), FilterMessage(when, "t", 0, 0, b""), context=context)


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("at > 12:30", "2026-11-21T12:30:01", "2026-11-21T12:30:00"),
        ("at >= 12:30", "2026-11-21T12:30:00", "2026-11-21T12:29:59"),
        ("at > 13:30", "2026-11-20T13:30:01", "2026-11-20T13:29:00"),
        ("at in 12:30..12:40", "2026-11-21T12:40:00", "2026-11-21T12:40:01"),
        ("at in 12:30..12:40", "2026-11-21T12:30:00", "2026-11-21T12:29:59"),
        ("at in 12:30..13:30", "2026-11-21T13:00:00", "2026-11-20T13:00:00"),
        ("at in 23:50..00:10", "2026-11-21T00:05:00", "2026-11-21T00:11:00"),
        ("at in 23:50..00:10", "2026-11-20T23:50:00", "2026-11-20T23:49:00"),
        ("at == 12:30", "2026-11-21T12:30:59", "2026-11-21T12:31:00"),
        ("at != 12:30", "2026-11-21T12:31:00", "2026-11-21T12:30:59"),
        ("at == 12:30:01", "2026-11-21T12:30:01", "2026-11-21T12:30:02"),
        ("at == 2026-11-20", "2026-11-20T23:59:59", "2026-11-21T00:00:00"),
        ("at in 2026-11-19..2026-11-20", "2026-11-20T23:59:59", "2026-11-21T00:00:00"),
        ("at > 2026-11-21T12:30", "2026-11-21T12:30:01", "2026-11-21T12:30:00"),
        ("at > 2026-11-21T11:30Z", "2026-11-21T12:30:01", "2026-11-21T12:30:00"),
        ("at > 2026-11-21T12:30+02:00", "2026-11-21T11:30:01", "2026-11-21T11:30:00"),
        ("at > -5m", "2026-11-21T12:55:01", "2026-11-21T12:54:59"),
        ("at in -10m..-5m", "2026-11-21T12:55:00", "2026-11-21T12:55:01"),
        ("at in (12:30, 12:32)", "2026-11-21T12:32:30", "2026-11-21T12:31:30"),
        ("age < 5m", "2026-11-21T12:55:01", "2026-11-21T12:55:00"),
        ("age in 1m..1h30m", "2026-11-21T11:30:00", "2026-11-21T11:29:59"),
        ("at == 2026-06-01T12:00", "2026-06-01T12:00:30", "2026-06-01T11:00:30"),
    ],
)
def test_times(text: str, yes: str, no: str) -> None:
    assert passes(text, yes)
    assert not passes(text, no)


def test_fractions_of_a_second() -> None:
    noon = ns("2026-11-21T12:30:01")
    assert passes("at >= 12:30:01.5", noon + 500_000_000)
    assert not passes("at >= 12:30:01.5", noon + 499_999_999)
    assert passes("at == 12:30:01.5", noon + 599_999_999)
    assert not passes("at == 12:30:01.5", noon + 600_000_000)


def test_the_newest_message_itself_counts() -> None:
    assert passes("at == 12:30", "2026-11-21T12:30:00", newest="2026-11-21T12:30:00")
    assert not passes("at == 12:30", "2026-11-20T12:30:00", newest="2026-11-21T12:30:00")


def test_the_mark() -> None:
    assert passes("at > mark", "2026-11-21T12:30:01", mark="2026-11-21T12:30:00")
    assert not passes("at > mark", "2026-11-21T12:30:00", mark="2026-11-21T12:30:00")
    assert not passes("at > mark or at <= mark", "2026-11-21T12:30:00")


def test_which_filters_depend_on_the_time() -> None:
    assert uses_time(parse("a (b or not age < 5m)").node)
    assert uses_time(parse("at > 12:30").node)
    assert not uses_time(parse("a .b > 3").node)


@given(st.integers(0, 23), st.integers(0, 59), st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_a_time_without_a_date_is_the_latest_that_is_not_after_the_newest(
    hour: int, minute: int, newest: datetime
) -> None:
    at = round(newest.replace(tzinfo=BERLIN).timestamp()) * SECOND
    context = Context(at, at, None, BERLIN)
    text = f"at >= {hour}:{minute:02}"
    day = 86_400 * SECOND
    assert matches(parse(text), FilterMessage(at, "t", 0, 0, b""), context=context)
    # Not a whole day earlier: at most a day and the hour by which clocks are put back.
    assert not matches(
        parse(text), FilterMessage(at - day - 3600 * SECOND - 1, "t", 0, 0, b""), context=context
    )
