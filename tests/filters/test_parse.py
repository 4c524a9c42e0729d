"""Reading filters: the table of questions, units, errors with their column, and the reading in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.capture.filters import FilterError, parse
from mqttx_tui.capture.filters.nodes import (
    And,
    Anywhere,
    Comparison,
    Everything,
    Named,
    Node,
    Not,
    Number,
    Or,
    Path,
    Word,
)
from mqttx_tui.model.errors import InputError
from tests.filters.generated import FILTERS

QUESTIONS = [
    ("site/+/temp .value > 20", "topic matches site/+/temp and payload field value above 20"),
    ("site/+/temp and .value > 20", "topic matches site/+/temp and payload field value above 20"),
    ("home/+/temp and . > 20", "topic matches home/+/temp and the whole payload above 20"),
    ("pump error_code", 'contains "pump" and contains "error_code"'),
    (
        '.StatusSNS."DS18B20-1".Temperature < 0',
        "payload field StatusSNS.DS18B20-1.Temperature below 0",
    ),
    ("zigbee2mqtt/+ .linkquality < 50", "topic matches zigbee2mqtt/+ and payload field linkquality below 50"),
    ("+/state and not retained", "topic matches +/state and not retained"),
    ("sent and reason >= 0x80", "sent and reason at least 0x80"),
    ("at in 12:30..12:40", "time from 12:30 to 12:40"),
    (
        ".uplink_message.rx_metadata[*].rssi < -110",
        "payload field uplink_message.rx_metadata[*].rssi below -110",
    ),
    (
        "v3/+/devices/+/up and not .uplink_message.decoded_payload",
        "topic matches v3/+/devices/+/up and payload field uplink_message.decoded_payload is missing",
    ),
    ('payload contains x"01 03"', "payload containing bytes 01 03"),
    ("door/+/state and changed", "topic matches door/+/state and different from the topic's message before"),
    ("age > 10m", "age above 10m"),
    ("prop.response_topic and sent", "property response topic is present and sent"),
    (
        ".type == trade .px in 60000..65000",
        "payload field type equal to trade and payload field px from 60000 to 65000",
    ),
]


@pytest.mark.parametrize(("text", "words"), QUESTIONS)
def test_each_question_is_read_back_in_words(text: str, words: str) -> None:
    assert parse(text).words() == words


def test_a_key_with_a_hyphen_needs_no_quotes() -> None:
    quoted, bare = (
        parse('.StatusSNS."DS18B20-1".Temperature < 0'),
        parse(".StatusSNS.DS18B20-1.Temperature < 0"),
    )
    assert quoted.node == bare.node


def test_the_empty_filter_is_everything() -> None:
    assert parse("  ").node == Everything()
    assert parse("").empty


def _a(text: str) -> Node:
    return Anywhere(Word(text))


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a b or c", Or((And((_a("a"), _a("b"))), _a("c")))),
        ("a && b || c", Or((And((_a("a"), _a("b"))), _a("c")))),
        ("not a b", And((Not(_a("a")), _a("b")))),
        ("!a and b", And((Not(_a("a")), _a("b")))),
        ("not (a or b)", Not(Or((_a("a"), _a("b"))))),
        ("a(b or c)", And((_a("a"), Or((_a("b"), _a("c")))))),
        ("size=1", Comparison(Named("size"), "==", (Number(1, "1"),))),
        ("size>1kB", Comparison(Named("size"), ">", (Number(1000, "1kB"),))),
        ("size <= 4KiB", Comparison(Named("size"), "<=", (Number(4096, "4KiB"),))),
        ("age > 1h30m", Comparison(Named("age"), ">", (Number(5400.0, "1h30m"),))),
        ("rate >= 6/m", Comparison(Named("rate"), ">=", (Number(0.1, "6/m"),))),
        (".a == 1_000", Comparison(Path(("a",)), "==", (Number(1000, "1_000"),))),
        (".a == 1e3", Comparison(Path(("a",)), "==", (Number(1000.0, "1e3"),))),
        (".a == 0x1F", Comparison(Path(("a",)), "==", (Number(31, "0x1F"),))),
        ('.a == "20"', Comparison(Path(("a",)), "==", (Word("20"),))),
        ('.a ~ "dev/\\d+"', Comparison(Path(("a",)), "~", (Word("dev/\\d+"),))),
        ('.a == "a\\"b"', Comparison(Path(("a",)), "==", (Word('a"b'),))),
        (".a == 'it'", Comparison(Path(("a",)), "==", (Word("it"),))),
        (".[0].b[1]", parse(".[0].b[1]").node),
    ],
)
def test_the_grammar(text: str, node: Node) -> None:
    assert parse(text).node == node


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("temp > 20", 1, "temp is not a field; did you mean .temp (a field of the payload)?"),
        ("a and temp > 20", 7, "did you mean .temp"),
        ("siez > 3", 1, "did you mean size?"),
        ("a/b > 3", 1, "did you mean topic > a/b?"),
        ('"a b" > 3', 1, 'did you mean ."a b"'),
        ("retained == true", 1, "is a flag"),
        ("size", 1, "needs a comparison, such as size > 1kB"),
        ("size > ", 8, "expected a value"),
        ("size > on", 8, "size needs a number, not on"),
        ("qos ~ 1", 5, "qos does not take ~"),
        ("(a or b", 1, "closing )"),
        ("a or", 5, "the filter ends"),
        ("a)", 2, "closes nothing"),
        ("()", 2, "expected a filter between"),
        ('.a == "b', 7, "closing"),
        ('x"0g"', 4, "expected a hex digit, not 'g'"),
        ('x"012"', 1, "two hex digits"),
        (".a. == 1", 4, "a key after the dot"),
        (".a[x] == 1", 3, "an index"),
        (".a/b == 1", 3, "expected a dot and a key"),
        (".a > 10m", 6, "write the number alone"),
        (".a > true", 6, "can only be compared with == or !="),
        (".a ~ '('", 6, "not a regular expression"),
        ("a/#/b", 1, "not a topic filter"),
        ("at > 25:00", 6, "not a time"),
        ("at > noon", 6, "at needs a time"),
        ("dir == up", 8, "in, out"),
        ("qos in 1", 9, "expected .. and the other end"),
        ("qos in (1 2)", 11, "expected , or )"),
        (".a in 1..z", 7, "both be numbers or both be text"),
        (".a ~ x|y", 7, "put text that holds it in quotes"),
        ("== 3", 1, "expected a field before =="),
        ("and a", 1, "expected a word"),
        ("a or or b", 6, "expected a word"),
        ("a \ud800", 3, "not valid UTF-8"),
        ("(" * 200 + "a" + ")" * 200, 102, "levels"),
        ('topic contains x"01"', 16, "payload only"),
    ],
)
def test_errors_name_the_column_and_what_was_expected(text: str, column: int, says: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert says in caught.value.message
    assert caught.value.column == column
    assert caught.value.message.startswith(f"column {column}: ")
    assert isinstance(caught.value, InputError)


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(max_size=30)
    | FILTERS
    | FILTERS.flatmap(lambda f: st.integers(0, len(f)).map(lambda n: f[:n]))
)
def test_any_text_is_read_or_refused_with_a_column_inside(text: str) -> None:
    column = 1
    try:
        assert parse(text).words()
    except FilterError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1
