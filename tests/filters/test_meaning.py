"""What filters mean: the table of questions, types, two values, cases; in SQL and in Python."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters.evaluate import FilterMessage, PacketFact, matches
from mqttx_tui.model.message import BINARY_FRAME, CHANGED, DUP, NOT_UTF8, OUTGOING, RETAIN, WEBSOCKET
from mqttx_tui.wire.properties import decode_properties, encode_properties
from tests.filters.generated import CONTEXT, NOW
from tests.filters.in_memory import found_by_sql

SECOND = 1_000_000_000


def message(payload: str | bytes = b"", topic: str = "t", flags: int = 0, **more: Any) -> FilterMessage:
    data = payload.encode() if isinstance(payload, str) else payload
    return FilterMessage(
        at=more.pop("at", NOW),
        topic=topic,
        flags=flags,
        size=more.pop("size", len(data) + 5),
        payload=data,
        **more,
    )


def passes(text: str, subject: FilterMessage) -> bool:
    """The answer of both back ends."""
    answer = matches(parse(text), subject, context=CONTEXT, decode_properties=decode_properties)
    assert found_by_sql(text, [subject]) == [answer]
    return answer


RX = '{"uplink_message":{"rx_metadata":[{"rssi":-60},{"rssi":-113}],"decoded_payload":{"t":1}}}'
UP = "v3/app/devices/d1/up"
QUESTIONS: list[tuple[str, FilterMessage, FilterMessage]] = [
    (
        "site/+/temp .value > 20",
        message('{"value":21}', "site/7/temp"),
        message('{"value":20}', "site/7/temp"),
    ),
    (
        "site/+/temp .value > 20",
        message('{"value":21}', "site/7/temp"),
        message('{"value":21}', "site/7/x/temp"),
    ),
    ("home/+/temp and . > 20", message("21.4", "home/a/temp"), message("ON", "home/a/temp")),
    ("pump warm", message("the PUMP is warm"), message("the pump is cold")),
    ("pump warm", message("warm", "site/Pump"), message("warm", "site/fan")),
    (
        '.StatusSNS."DS18B20-1".Temperature < 0',
        message('{"StatusSNS":{"DS18B20-1":{"Temperature":-3.5}}}'),
        message('{"StatusSNS":{"DS18B20-1":{"Temperature":3.5}}}'),
    ),
    (
        "zigbee2mqtt/+ .linkquality < 50",
        message('{"linkquality":20}', "zigbee2mqtt/lamp"),
        message("{}", "zigbee2mqtt/lamp"),
    ),
    ("+/state and not retained", message("ON", "a/state"), message("ON", "a/state", RETAIN)),
    (
        "sent and reason >= 0x80",
        message("x", flags=OUTGOING, packets=(PacketFact(4, 7, 0x87),)),
        message("x", flags=OUTGOING, packets=(PacketFact(4, 7, 0x10),)),
    ),
    (
        ".uplink_message.rx_metadata[*].rssi < -110",
        message(RX),
        message('{"uplink_message":{"rx_metadata":[{"rssi":-60}]}}'),
    ),
    (
        "v3/+/devices/+/up and not .uplink_message.decoded_payload",
        message('{"uplink_message":{}}', UP),
        message(RX, UP),
    ),
    ('payload contains x"01 03"', message(b"\xff\x01\x03\x00", flags=NOT_UTF8), message(b"\x01\x00\x03")),
    ("door/+/state and changed", message("open", "door/1/state", CHANGED), message("open", "door/1/state")),
    ("age > 10m", message(at=NOW - 601 * SECOND), message(at=NOW - 599 * SECOND)),
    (
        "prop.response_topic and sent",
        message(flags=OUTGOING, properties=encode_properties({"response_topic": "r"})),
        message(flags=OUTGOING, properties=encode_properties({"content_type": "r"})),
    ),
    (
        ".type == trade .px in 60000..65000",
        message('{"type":"trade","px":60000}'),
        message('{"type":"trade","px":65000.01}'),
    ),
]


@pytest.mark.parametrize(("text", "yes", "no"), QUESTIONS)
def test_each_question_finds_what_it_asks_for(text: str, yes: FilterMessage, no: FilterMessage) -> None:
    assert passes(text, yes)
    assert not passes(text, no)


@pytest.mark.parametrize(
    "value", ['"offline"', '"unavailable"', "[1]", "true", "null", "{}", '""', '"20.6 C"']
)
@pytest.mark.parametrize("op", ["> 20.5", "< 20.5", "== 1", "!= 20.5", ">= 0", "in 0..99"])
def test_a_number_is_compared_with_numbers_only(value: str, op: str) -> None:
    """SQL alone compares across types: ``"offline" > 20.5`` is true there, and ``true = 1``."""
    assert not passes(f".value {op}", message(f'{{"value":{value}}}'))


@pytest.mark.parametrize("text", ["21.4", '"21.4"', '" 21.4"', '"+21.4"', "2.14e1"])
def test_a_text_that_is_a_number_as_a_whole_counts_as_one(text: str) -> None:
    assert passes(".value > 20.5", message(f'{{"value":{text}}}'))
    assert passes(".value == 21.4", message(f'{{"value":{text}}}'))


def test_a_text_that_is_a_smaller_number_is_smaller() -> None:
    """SQL alone says that ``"9" > 20.5``: every text is more than every number."""
    assert not passes(".value > 20.5", message('{"value":"9"}'))
    assert passes(".value < 20.5", message('{"value":"9"}'))
    assert not passes(".value == 1", message('{"value":true}'))


def test_between_two_times_of_day() -> None:
    """``at in 12:30..12:40``: local, ends included, the latest that is not after the newest message."""
    newest = datetime.fromtimestamp(NOW // SECOND)
    start = newest.replace(hour=12, minute=30, second=0)
    if start > newest:
        start -= timedelta(days=1)
    begun = int(start.timestamp()) * SECOND
    for at, inside in ((-1, False), (0, True), (600 * SECOND, True), (601 * SECOND, False)):
        if begun + at <= NOW:
            assert passes("at in 12:30..12:40", message(at=begun + at)) == inside, at
    assert not passes("at in 12:30..12:40", message(at=begun - 86_400 * SECOND))


def test_missing_is_false_and_not_turns_it_round() -> None:
    """SQL alone has a third value: both ``x = 20`` and ``not (x = 20)`` would hide the message."""
    without, other = message("{}"), message('{"v":21}')
    for text in (".v == 20", ".v != 20", ".v > 20", ".v ~ x", ".v !~ x", ".v", ".v == null", ".v in (1, 2)"):
        assert not passes(text, without), text
        assert passes(f"not {text}", without), text
    assert passes(".v != 20", other)
    assert passes("not .v == 20", other)
    assert not passes(".v != on", other), "a number is no text"


@pytest.mark.parametrize("payload", ["ON", "NaN", "", "{", "{}\0", "Infinity", "{'v':1}", "\ufeff{}"])
def test_payloads_that_are_not_json_have_no_fields_and_break_nothing(payload: str) -> None:
    """``json_extract`` alone raises on ``ON``, and takes ``{}`` with a NUL byte after it for JSON."""
    assert not passes("json", message(payload))
    assert not passes(".v", message(payload))
    assert passes("not .v == 1", message(payload))


def test_bare_scalars_are_asked_with_a_dot() -> None:
    assert passes(". > 20", message("21.4"))
    assert passes(". > 20", message('"21.4"'))
    assert passes(". == ON", message("ON"))
    assert passes(". == ON", message("ON\n"))
    assert passes('. == "21.4"', message("21.4")), "the text of a scalar payload"
    assert passes(". == true", message("true"))
    assert not passes(". == true", message('"true"'))
    assert passes(". == null", message("null"))
    assert not passes(". == on", message("ON")), "== is exact"
    assert passes(". ~ ^on$", message("ON"))
    assert not passes(". > 20", message('{"a":21}'))
    assert not passes(". == 1", message("true"))


@pytest.mark.parametrize("length", [0, 1, 5, 6, 7, 20])
@pytest.mark.parametrize(
    ("text", "element"),
    [
        (".rx[*] == 5", "%d"),
        (".rx[*] >= 5", '"%d"'),
        (".rx[*].rssi > 4", '{"rssi": %d}'),
        (".rx[*][0] == 5", "[%d]"),
        ('.rx[*].name == "n5"', '{"name": "n%d", "rssi": null}'),
    ],
)
def test_every_element_of_short_and_long_arrays(length: int, text: str, element: str) -> None:
    items = ", ".join(element.replace("%d", str(number)) for number in range(length))
    assert passes(text, message('{"rx": [' + items + "]}")) == (length > 5)


def test_null_is_present() -> None:
    assert passes(".v", message('{"v":null}'))
    assert passes(".v == null", message('{"v":null}'))
    assert not passes(".v != null", message('{"v":null}'))
    assert passes(".v != null", message('{"v":0}'))


def test_every_element_any_for_equal_and_all_for_unequal() -> None:
    numbers = message('{"v":[1,2,3]}')
    assert passes(".v[*] == 2", numbers)
    assert passes(".v[*] != 4", numbers)
    assert not passes(".v[*] != 2", numbers)
    assert not passes(".v[*] != 2", message('{"v":[]}'))
    assert passes(".v[*] ~ b", message('{"v":["a","b"]}'))
    assert not passes(".v[*] !~ b", message('{"v":["a","b"]}'))
    assert passes(".v[1] == 2", numbers)
    assert not passes(".v[3]", numbers)


def test_user_properties_and_typed_properties() -> None:
    subject = message(
        properties=encode_properties(
            {
                "user": (("k", "a"), ("k", "B"), ("n", "20")),
                "message_expiry_interval": 60,
                "content_type": "text/x",
            }
        )
    )
    assert passes("user.k == a", subject)
    assert not passes("user.k != a", subject)
    assert passes("user.k != c", subject)
    assert not passes("user.z != c", subject)
    assert passes("user.n > 19", subject)
    assert passes("prop.message_expiry_interval == 60", subject)
    assert passes("prop.message-expiry-interval in 1..60", subject)
    assert passes("prop.content_type ~ ^text/", subject)
    assert not passes("prop.response_topic", subject)
    assert not passes("prop.content_type", message(properties=b"\xff\xff"))


@pytest.mark.parametrize(
    ("text", "payload", "found"),
    [
        ("ärger", "GROSSER ÄRGER", True),
        ("GROSSER", "großer", False),
        ("σ", "Σ", True),
        ("k", "\u212a", False),
        ("K", "kelvin", True),
        ("istanbul", "İstanbul", False),
        ('"a b"', "xA By", True),
        ("b", "a\0B", True),
        ("\u00e9", b"\xff\xc3\xa9", True),
    ],
)
def test_text_ignores_case_beyond_ascii(text: str, payload: str | bytes, found: bool) -> None:
    flags = NOT_UTF8 if isinstance(payload, bytes) else 0
    assert passes(text, message(payload, flags=flags)) == found
    assert passes(f"payload contains {text}", message(payload, flags=flags)) == found


def test_regular_expressions_search_in_any_case_unless_told() -> None:
    assert passes("payload ~ 'warn|ERR'", message("an error"))
    assert not passes('payload ~ "(?-i:ERR)"', message("an error"))
    assert passes('payload ~ "\ufffd"', message(b"a\xff", flags=NOT_UTF8)), "UTF-8 with replacement"
    assert passes('topic ~ "dev/\\d+$"', message(topic="x/dev/12"))
    assert not passes("payload !~ err", message("an error"))


def test_topics() -> None:
    assert passes("topic == a/b", message(topic="a/b"))
    assert not passes("topic == a/b", message(topic="a/b/c"))
    assert passes("a/b", message(topic="x/A/B/c"))
    assert passes('topic == "living room/+/t"', message(topic="living room/1/t"))
    assert not passes("topic != site/#", message(topic="site"))
    assert not passes("#", message(topic="$SYS/load"))
    assert passes("$SYS/#", message(topic="$SYS/load"))
    assert passes("not +/b", message(topic="a/b/c"))


def test_flags_and_plain_fields() -> None:
    assert passes("binary", message(b"\xff", flags=NOT_UTF8))
    assert passes("binary kind == bi", message("x", flags=WEBSOCKET | BINARY_FRAME))
    assert passes("kind == tx not binary", message("x", flags=WEBSOCKET))
    assert passes("kind == mqtt received dir == in", message("x"))
    assert passes("dup sent dir == out", message("x", flags=DUP | OUTGOING))
    assert passes("empty size == 0 wire == 5", message())
    assert passes("size > 1kB not empty", message("x" * 1001))
    assert passes("qos == 2", message(flags=4))
    assert passes("json", message("21.4"))
    assert passes("error packet == puback packet == 7", message(packets=(PacketFact(4, 7, 0x87),)))
    assert not passes("reason != 0", message()), "nothing was answered"
    assert passes("conn == A or conn == lab", message(connection="A", connection_name="lab"))
    assert passes("sub == site/#", message(topic="site/1"))
    assert passes("sub == 7", message(properties=encode_properties({"subscription_identifier": (1, 7)})))
    assert passes("count > 100 rate >= 10/s", message(count=101, rate=10.0))


def test_what_json_says_twice_or_in_escapes() -> None:
    assert passes(".a == 1", message('{"a":1,"a":2}')), "the first of equal keys"
    assert passes(".a == 1", message('{"\\u0061":1}'))
    assert passes(".a == b", message('{"a":"\\u0062"}'))
    assert passes('."a\\"b" == 1', message('{"a\\"b":1}'))
    assert passes(".a == 9007199254740993", message('{"a":9007199254740993}'))
    assert not passes(".a == 9007199254740992", message('{"a":9007199254740993}'))
    assert passes(".a == 0.1", message('{"a":0.1000000000000000055511151231257827}'))


def test_the_mark_that_was_never_set_matches_nothing() -> None:
    from mqttx_tui.capture.filters import Context

    unset = Context(now=NOW, newest=NOW)
    assert not matches(parse("at > mark"), message(), context=unset)
    assert passes("at > mark", message())


def test_payload_is_the_text_as_it_was_sent() -> None:
    for text in ("21.4", "+21.4", " 21.4\n", "2.14e1"):
        assert passes("payload > 20", message(text)), text
    assert not passes("payload > 20", message('"21.4"')), "quotes are part of the text"
    assert passes("payload == 21.40", message("21.4"))
    assert not passes('payload == "21.40"', message("21.4"))
    assert passes("payload == true", message("true"))
    assert passes("payload in (ON, 1)", message("1.0"))
    assert not passes("payload != ON", message("ON"))


@pytest.mark.parametrize(
    "test", ["== true", "!= true", "== null", "!= null", "> 1", "== x", "contains x", "~ x"]
)
def test_a_key_that_stands_elsewhere_is_missing_all_the_same(test: str) -> None:
    assert not passes(f".a.b {test}", message('{"b":true,"a":2}'))
    assert passes(f"not .a.b {test}", message('{"b":true,"a":{"c":{"b":1}}}'))


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        ('{"v":"a/b"}', True),
        (r'{"v":"a\/b"}', True),
        (r'{"v":"\u0061\u002fb"}', True),
        (r'{"v":"a/b\n"}', False),
        ('{"v":"x","w":"a/b"}', False),
        ('{"v":"A/b"}', False),
        ('{"v":["a/b"]}', False),
        ('{"v":"a/b"', False),
    ],
)
def test_a_string_is_equal_however_it_is_escaped(payload: str, answer: bool) -> None:
    assert passes('.v == "a/b"', message(payload)) is answer
    assert passes('not .v == "a/b"', message(payload)) is not answer
