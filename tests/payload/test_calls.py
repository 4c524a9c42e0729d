"""The id of a message, and what JSON-RPC says it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.payload.calls import Call, call_of


@pytest.mark.parametrize(
    ("data", "call"),
    [
        (b'{"id":1,"type":"subscribe_events"}', Call("id", 1)),
        (b'{"jsonrpc":"2.0","method":"a","id":"x"}', Call("id", "x", asks=True)),
        (b'{"jsonrpc":"2.0","result":null,"id":1}', Call("id", 1, answers=True)),
        (b'{"error":{"code":1},"id":1}', Call("id", 1, answers=True)),
        (b'{"id":"7","type":"complete"}', Call("id", "7", answers=True)),
        (b' {"requestId":"r-1"}', Call("requestId", "r-1")),
        (b'{"id":null,"request_id":4}', Call("request_id", 4)),
        (b'{"method":"notify"}', None),
        (b'{"id":true}', None),
        (b'{"id":1.5}', None),
        (b'{"id":99999999999999999999}', None),
        (b'{"id":"a\\u0000b"}', None),
        (b'{"id":"\\ud800"}', None),
        (b'[{"id":1}]', None),
        (b'{"id":1', None),
        (b"\xff", None),
        (b'{"id":1,"x":"' + b"x" * 70_000 + b'"}', None),
    ],
)
def test_the_id(data: bytes, call: Call | None) -> None:
    assert call_of(data) == call


def test_a_number_is_not_the_text_that_looks_like_it() -> None:
    assert not Call("id", 1).same(Call("id", "1"))
    assert Call("id", 1, asks=True).same(Call("id", 1))
    assert not Call("id", 1).same(None)


@given(st.binary(max_size=60) | st.text('{}[]":,idmethod1').map(str.encode))
def test_any_bytes_are_looked_at(data: bytes) -> None:
    call = call_of(data)
    assert call is None or call.same(call_of(data))
