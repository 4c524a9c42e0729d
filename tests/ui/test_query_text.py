"""The query of a URL as rows of the form, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.ui.query_text import join_url, split_url


@pytest.mark.parametrize(
    ("url", "base", "pairs"),
    [
        ("ws://h/p?a=1&b=x%20y&c", "ws://h/p", [("a", "1"), ("b", "x y"), ("c", "")]),
        ("wss://h?token=${T:-a}", "wss://h", [("token", "${T:-a}")]),
        ("mqtt://h?x=1", "mqtt://h?x=1", []),
        ("ws://h/p?a=1#f", "ws://h/p?a=1#f", []),
        ("ws://${H:-a?b}/p", "ws://${H:-a?b}/p", []),
        ("ws://h/p", "ws://h/p", []),
    ],
)
def test_split(url: str, base: str, pairs: list[tuple[str, str]]) -> None:
    assert split_url(url) == (base, pairs)


def test_what_stays_keeps_its_spelling() -> None:
    before = "ws://h/p?a=x%20y&b=%41"
    base, pairs = split_url(before)
    assert join_url(base, [*pairs, ("new", "ö &=")], before) == before + "&new=%C3%B6%20%26%3D"


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
values = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(names, values), max_size=5))
def test_every_pair_survives(pairs: list[tuple[str, str]]) -> None:
    assert split_url(join_url("ws://h/p", pairs)) == ("ws://h/p", pairs)
