"""-F: the same bytes as mosquitto_sub's, where both can be compared; its own rules elsewhere."""

from __future__ import annotations

import pytest

from mqttx_tui.cli.formats import Record, for_people, json_format, payload_only, with_topic
from mqttx_tui.cli.template import compile_template
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import BINARY_FRAME, DUP, OUTGOING, RETAIN, WEBSOCKET
from mqttx_tui.wire.properties import encode_properties

PROPERTIES = encode_properties(
    {
        "content_type": "text/plain",
        "correlation_data": b"corr",
        "user": [("a", "b"), ("c", "d")],
        "message_expiry_interval": 30,
    }
)
AT = 1_795_248_540_700_119_042
RECORD = Record(AT, "a/b", RETAIN | 2, b"\x00\xffbin", PROPERTIES, "lab")


def shown(template: str, record: Record = RECORD, *, terminal: bool = False) -> bytes | None:
    return compile_template(template, terminal=terminal)(record)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("%t|%p|%q|%r|%l", b"a/b|\x00\xffbin|1|1|5"),
        (
            "%x|%X|%05x|%7x|%-7x|",
            b"00ff62696e|00FF62696E|000ff|   00ff|00ff   |",
        ),
        ("%7p|%-7p|%3p|%07p", b"  \x00\xffbin|\x00\xffbin  |\x00\xffb|00\x00\xffbin"),
        ("%6t|%-6t|%5.2t|%.1t|%06t", b"   a/b|a/b   |   a/|a|   a/b"),
        ("%05l|%-5l|%5l", b"00005|5    |    5"),
        ("%C|%12C|%.4C", b"text/plain|  text/plain|text"),
        ("%D|%P|%E|%03E", b"corr|a:b c:d|30|030"),
        ("%A|%4A|%04F|%R|%S", b"|    |0000||"),
        ("%%|@@|\\\\|\\t\\n\\r\\e\\0\\a\\v", b"%|@|\\|\t\n\r\x1b\0\x07\x0b"),
        ("%U|@N", b"1795248540.700119042|700119042"),
        ("plain text", b"plain text"),
        ("", b""),
    ],
)
def test_parameters(template: str, expected: bytes) -> None:
    assert shown(template) == expected


@pytest.mark.parametrize(
    ("template", "column"),
    [
        ("%", 1),
        ("x%", 2),
        ("ab%z", 3),
        ("%5", 1),
        ("@", 1),
        ("x\\", 2),
        ("\\q", 1),
        ("%5q", 1),
        ("%m", 1),
        ("%-j", 1),
    ],
)
def test_a_bad_template_names_its_column(template: str, column: int) -> None:
    with pytest.raises(InputError, match=f"column {column}:"):
        compile_template(template, terminal=False)


def test_json_as_mosquitto_sub_writes_it() -> None:
    line = shown("%j", Record(AT, "a/b", 0, b'h\xc3\xa9 "x"\n\x07', None, "lab"))
    assert line is not None
    assert line.endswith(
        b',"topic":"a/b","qos":0,"retain":0,"payloadlen":9,"payload":"h\xc3\xa9 \\"x\\"\\n\\u0007"}'
    )
    assert shown("%J", Record(AT, "t", 0, b"no json", None, "lab")) == b""
    parsed = shown("%J", Record(AT, "t", 0, b'{"a":[1,2]}', None, "lab"))
    assert parsed is not None
    assert parsed.endswith(b'"payload":{"a":[1,2]}}')


def test_a_terminal_sees_no_control_characters_of_the_message() -> None:
    hostile = Record(AT, "a\x1b[2J", 0, b"\x1b]0;title\x07\xc2\x9b31m", None, "lab")
    for template in ("%t", "%p", "%j", "%20p", "%-20t"):
        line = shown(template, hostile, terminal=True)
        assert line is not None
        assert b"\x1b" not in line
        assert b"\x07" not in line
        assert b"\xc2\x9b" not in line
    assert shown("\\e[1m%t", Record(AT, "t", 0, b"", None, "lab"), terminal=True) == b"\x1b[1mt"


def test_lines() -> None:
    assert payload_only(RECORD) == b"\x00\xffbin"
    assert payload_only(RECORD._replace(payload=b"")) is None
    assert with_topic(RECORD) == b"a/b \x00\xffbin"
    assert with_topic(RECORD._replace(payload=b"")) == b"a/b (null)"
    line = for_people(RECORD._replace(topic="a\x1bb", payload=b"x\ny"))
    assert line.decode().endswith(" a␛b x␊y")
    assert line.decode()[8:9] == "."


def test_json_lines() -> None:
    import json

    fields = json.loads(json_line(RECORD._replace(flags=RETAIN | DUP | 2)))
    assert fields["time"].startswith("2026-11-2")
    del fields["time"]
    assert fields == {
        "connection": "lab",
        "direction": "in",
        "topic": "a/b",
        "qos": 1,
        "retain": True,
        "dup": True,
        "payload_base64": "AP9iaW4=",
        "properties": {
            "content_type": "text/plain",
            "correlation_data": "corr",
            "user": [["a", "b"], ["c", "d"]],
            "message_expiry_interval": 30,
        },
    }
    frame = json.loads(json_line(Record(AT, "", WEBSOCKET | BINARY_FRAME | OUTGOING, b"x", None, "ws")))
    assert (frame["frame"], frame["direction"], frame["payload"]) == ("binary", "out", "x")


def test_json_on_a_terminal_is_the_same_object_in_plain_characters() -> None:
    import json

    hostile = Record(AT, "t", 0, "\x9b31m\u202e é".encode(), None, "lab")
    line = json_line(hostile, terminal=True)
    assert json.loads(line) == json.loads(json_line(hostile))
    assert line.isascii()
    plain = hostile._replace(payload="é".encode())
    assert json_line(plain, terminal=True) == json_line(plain)


def json_line(record: Record, *, terminal: bool = False) -> bytes:
    """A message as ``--json`` writes it."""
    line = json_format(terminal=terminal)(record)
    assert line is not None
    return line
