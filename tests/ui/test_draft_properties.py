"""MQTT 5 properties as text fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.errors import InputError
from mqttx_tui.ui.draft_properties import as_sent, as_typed, as_written, user_pairs


def test_what_is_typed_is_sent() -> None:
    typed = {
        "content_type": "application/json",
        "response_topic": "answers/7",
        "correlation_data": "hex:01 ff",
        "message_expiry_interval": "1m30s",
        "payload_format_indicator": "1",
        "user": "a=1; b = x=y ;c=\\;\\=",
    }
    assert as_sent(typed) == {
        "content_type": "application/json",
        "response_topic": "answers/7",
        "correlation_data": b"\x01\xff",
        "message_expiry_interval": 90,
        "payload_format_indicator": 1,
        "user": (("a", "1"), ("b ", " x=y"), ("c", ";=")),
    }
    assert as_sent({"message_expiry_interval": "30"}) == {"message_expiry_interval": 30}
    assert as_sent({"content_type": "  "}) == {}


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("user", "a=1; b", "'b' has no ="),
        ("message_expiry_interval", "soon", "expiry: 'soon' is not a duration"),
        ("message_expiry_interval", "99999d", "too long"),
        ("correlation_data", "hex:0g", "correlation"),
        ("response_topic", "a/#", "response topic"),
    ],
)
def test_what_cannot_be_sent_names_its_field(name: str, text: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        as_sent({name: text})


def test_in_a_profile_user_properties_are_a_table_while_their_names_differ() -> None:
    assert as_written({"user": "a=1; b=2"}) == {"user": {"a": "1", "b": "2"}}
    assert as_written({"user": "a=1; a=2"}) == {"user": [["a", "1"], ["a", "2"]]}
    assert as_typed({"user": {"a": "1", "b": "2"}}) == {"user": "a=1; b=2"}
    with pytest.raises(InputError, match="hex"):
        as_written({"correlation_data": "hex:00"})


names = st.text(min_size=1).filter(lambda text: text == text.strip())


@given(st.lists(st.tuples(names, names), max_size=4))
def test_user_properties_survive_the_field(pairs: list[tuple[str, str]]) -> None:
    assert user_pairs(as_typed({"user": tuple(pairs)}).get("user", "")) == tuple(pairs)


@given(st.binary(max_size=40))
def test_correlation_data_survives_the_field(data: bytes) -> None:
    sent = as_sent(as_typed({"correlation_data": data})).get("correlation_data", b"")
    assert (sent if isinstance(sent, bytes) else sent.encode()) == data
