"""SQL and Python say the same about every message."""

from __future__ import annotations

import os
from contextlib import closing

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters.evaluate import FilterMessage, matcher
from mqttx_tui.wire.properties import decode_properties
from tests.filters.generated import CONTEXT, FIELD_TESTS, FILTERS, MESSAGES, NOW, OBJECTS
from tests.filters.in_memory import asked, capture, found_by_sql

FILTERS_WANTED = int(os.environ.get("FILTER_EXAMPLES", "10000"))
"""Generated filters that are compared; the nightly way is FILTER_EXAMPLES=200000 ./dev test tests/filters."""
BATCH = 20
"""Filters asked of the same messages: making a database costs more than asking it."""
EXAMPLES = max(FILTERS_WANTED // BATCH, 1)


def _json(payload: bytes) -> FilterMessage:
    return FilterMessage(at=NOW, topic="t", flags=0, size=1, payload=payload)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    texts=st.lists(FILTERS, min_size=BATCH, max_size=BATCH),
    messages=st.lists(MESSAGES, min_size=4, max_size=8),
)
@example(
    texts=[".a == b"], messages=[_json(b'{"\\u0061":"b"}'), _json(b'{"a":"b"}\0'), _json(b'{"a":"b","a":1}')]
)
def test_sql_and_python_agree(texts: list[str], messages: list[FilterMessage]) -> None:
    with closing(capture(messages)) as database:
        for text in texts:
            passes = matcher(parse(text), context=CONTEXT, decode_properties=decode_properties)
            found = asked(text, database)
            assert found == [passes(message) for message in messages], text


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=FIELD_TESTS, payloads=st.lists(OBJECTS, min_size=1, max_size=10))
def test_they_agree_about_fields_of_json(text: str, payloads: list[bytes]) -> None:
    messages = [_json(payload) for payload in payloads]
    passes = matcher(parse(text), context=CONTEXT)
    assert found_by_sql(text, messages) == [passes(message) for message in messages]
