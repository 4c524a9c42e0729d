"""docs/compare.md names every key of the JSON, and its arithmetic is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mqttx_tui.cli.compare_json import as_object
from mqttx_tui.compare.figures import FIGURES, HEADERS, OPENING, SEGMENT
from mqttx_tui.compare.measure import Asked
from mqttx_tui.compare.results import LAYERS, Both, Cost, Publishing, Result, Times
from mqttx_tui.compare.target import LONG_SECONDS
from mqttx_tui.doctor.report import Check, Verdict

PAGE = (Path(__file__).parents[2] / "docs" / "compare.md").read_text("utf-8")


def keys(found: Any) -> set[str]:
    """All keys of an object, at every depth."""
    if isinstance(found, list):
        return set().union(*map(keys, found))
    if isinstance(found, dict):
        return set(found).union(*map(keys, found.values()))
    return set()


def test_every_key_of_the_json_is_named() -> None:
    none, times = Both(), Times((1.0,))
    cost = Cost(none, none, none, none, none, none)
    result = Result("", "", connect=cost, subscribe=cost, ping=cost, disconnect=cost)
    result.connect_times = result.ping_times = times
    result.publishings = [Publishing(1, 16, 1, cost, cost, times, times)]
    result.failure = Check("tcp", Verdict.FAILED)
    found = keys(as_object([result], Asked((1,), (16,), 1)))
    assert not {key for key in found - {"tcp"} if f"`{key}`" not in PAGE}
    assert found.issuperset(LAYERS)


def test_its_numbers_are_those_of_the_code() -> None:
    for figure in FIGURES:
        assert str(figure.tcp) in PAGE
        assert str(figure.websocket) in PAGE
    assert f"27 + 4 × {HEADERS} = 291" in PAGE
    assert OPENING == 74 + 74 + 66
    assert f"{OPENING} for TCP's opening" in PAGE
    assert f"at {SEGMENT:,} bytes of data" in PAGE
    assert f"takes {LONG_SECONDS:g} s in all" in PAGE
