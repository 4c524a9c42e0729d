"""Random filters and messages for comparing the two back ends."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from mqttx_tui.capture.filters import Context
from mqttx_tui.capture.filters.evaluate import FilterMessage, PacketFact
from mqttx_tui.model.message import NOT_UTF8
from mqttx_tui.wire.properties import encode_properties

NOW = 1_763_700_000_000_000_000
CONTEXT = Context(now=NOW, newest=NOW, mark=NOW - 500_000_000_000)
KEYS = ["a", "b", "value", "DS18B20-1", "ü", "a b", "", 'q"q', "a/b", "0"]
TOPICS = ["site/7/temp", "site/8/temp", "Ätna/set", "$SYS/load", "/x", "", "a b/\U0001f600", "K/straße"]
TEXTS = [
    "on",
    "ON",
    "offline",
    "Ärger",
    "ÄRGER",
    "k",
    "\u212a",
    "ß",
    "20",
    "21.4",
    "true",
    "null",
    "İ",
    "x y",
]
NUMBERS = [
    "20",
    "21.4",
    "-1",
    "0",
    "1e3",
    "0x10",
    "1_000",
    "9007199254740993",
    "1e400",
    "0.1",
    "20.000000000000004",
]

_numbers = (
    st.sampled_from(
        [
            "20",
            "21.4",
            "21.40",
            "20.5",
            "-1",
            "0",
            "-0",
            "1e3",
            "1E400",
            "0.1",
            "0.1000000000000000055511151231257827",
            "9007199254740993",
            "9223372036854775808",
            "123456789012345678901234567890",
            "20.000000000000004",
            "1e-400",
        ]
    )
    | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.integers().map(str)
)
_strings = (
    st.sampled_from(TEXTS + NUMBERS + [" 20 ", "+5", ".5", "20.", "NaN", "1e5x"]) | st.text(max_size=6)
).flatmap(lambda text: st.booleans().map(lambda ascii_only: json.dumps(text, ensure_ascii=ascii_only)))
_keys = st.sampled_from(KEYS).flatmap(
    lambda key: st.booleans().map(
        lambda escaped: (
            '"' + "".join(f"\\u{ord(c):04x}" for c in key) + '"'
            if escaped and key
            else json.dumps(key, ensure_ascii=False)
        )
    )
)
_scalars = _numbers | _strings | st.sampled_from(["true", "false", "null"])
_json = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[" + ",".join(items) + "]")
        | st.lists(st.tuples(_keys, inner), max_size=3).map(
            lambda pairs: "{" + ",".join(f"{key}:{value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=8,
)
PAYLOADS = (
    _json.map(lambda text: text.encode("utf-8", "surrogatepass"))
    | _json.map(lambda text: f" {text}\n".encode("utf-8", "surrogatepass"))
    | st.sampled_from(
        [
            b"",
            b"ON",
            b"{}\0",
            b"\0",
            b"NaN",
            b"Infinity",
            b"{'a':1}",
            b'{"a":1,}',
            b"\xff\xfe",
            b'{"a":"\xff"}',
            b"\xef\xbb\xbf20",
            b"01 03",
            b"\x01\x03\x00",
            b"on\0off",
            b'{"a":"\x01"}',
            b"021",
            b"20 20",
            "Ärger".encode(),
            "\u212a".encode(),
            b"\xc3",
            b"+5",
            b"5.",
            b'{"a":20}x',
            b'"\\ud800"',
            b'{"a":"\\u0000b"}',
            b"1" * 30,
            b" ",
        ]
    )
    | st.binary(max_size=8)
    | st.sampled_from(TEXTS).map(str.encode)
)


def _flags(payload: bytes, flags: int) -> int:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return flags | NOT_UTF8
    return flags & ~NOT_UTF8


_PROPERTIES = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "response_topic": st.sampled_from(["r/1", "Ä"]),
        "message_expiry_interval": st.sampled_from([0, 20]),
        "content_type": st.sampled_from(["application/json", "20"]),
        "correlation_data": st.sampled_from([b"\x01\x03", b"on"]),
        "subscription_identifier": st.sampled_from([(1,), (7, 20)]),
        "user": st.lists(st.tuples(st.sampled_from(["k", "a b"]), st.sampled_from([*TEXTS])), max_size=3).map(
            tuple
        ),
    },
).map(lambda found: encode_properties(found) or None)
_PACKETS = st.lists(
    st.builds(
        PacketFact,
        type=st.sampled_from([3, 4, 5, 7, 12]),
        packet_id=st.none() | st.sampled_from([7, 20]),
        reason=st.none() | st.sampled_from([0, 16, 128, 135]),
    ),
    max_size=2,
).map(tuple)
MESSAGES = st.builds(
    lambda at, topic, flags, size, payload, properties, packets, connection: FilterMessage(
        at=NOW - at,
        topic=topic,
        flags=_flags(payload, flags),
        size=size,
        payload=payload,
        properties=properties,
        packets=packets,
        connection="AB"[connection],
        connection_name=["lab", "Ärger"][connection],
        count=len(topic),
        rate=len(topic) / 2,
    ),
    at=st.integers(0, 10**12),
    topic=st.sampled_from(TOPICS),
    flags=st.integers(0, 0xFFF),
    size=st.integers(0, 3000),
    payload=PAYLOADS,
    properties=_PROPERTIES,
    packets=_PACKETS,
    connection=st.integers(0, 1),
)

_quoted = (
    st.sampled_from(TEXTS + NUMBERS + TOPICS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
).map(lambda text: '"' + text.replace('"', '\\"') + '"' if not text.endswith("\\") else '"x"')
_words = st.sampled_from(
    ["on", "ON", "offline", "Ärger", "20", "21.4", "k", "true", "null", "ß", "site/7/temp", "\u212a"]
)
_bare = st.sampled_from(["on", "temp", "Ärger", "k", "K", "ß", "20", "site", "e", "0", "\u212a", "İ", "ü"])
_numbers_written = (
    st.sampled_from(NUMBERS) | st.integers(-30, 30).map(str) | st.floats(0, 50).map(lambda f: f"{f:.3f}")
)
_values = _quoted | _words | _numbers_written
_paths = st.lists(
    st.sampled_from(
        [
            ".a",
            ".b",
            ".value",
            ".DS18B20-1",
            ".ü",
            '."a b"',
            '.""',
            '."q\\"q"',
            '."a/b"',
            ".0",
            "[0]",
            "[1]",
            "[*]",
        ]
    ),
    min_size=1,
    max_size=3,
).map(lambda parts: (lambda text: text if text.startswith(".") else "." + text)("".join(parts))) | st.just(
    "."
)
_compare = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
_regex = st.sampled_from(
    ['"^o"', "k", '"\\d+"', "ä", '"(?-i:ON)"', '"."', '"^$"', '"\\ud"' if False else '"[0-9]{2}"']
)


def _in(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=3).map(lambda many: "in (" + ", ".join(many) + ")")


_range = st.tuples(st.integers(-5, 25), st.integers(0, 50)).map(lambda ends: f"in {ends[0]}..{ends[1]}")
_free = (
    st.tuples(_compare.filter(lambda op: op in ("==", "!=")), _values).map(" ".join)
    | st.tuples(_compare, _numbers_written | _quoted).map(" ".join)
    | _in(_values)
    | _range
    | st.just('in "a".."z"')
    | st.tuples(st.sampled_from(["contains"]), _quoted | _bare).map(" ".join)
    | st.tuples(st.sampled_from(["~", "!~"]), _regex).map(" ".join)
)
_few_values = st.sampled_from(
    [
        '"on"',
        '"ON"',
        '"20"',
        '" 20 "',
        '"20 C"',
        '"Ärger"',
        '"\\u00c4rger"',
        '""',
        "20",
        "20.0",
        "2e1",
        "21.4",
        "0",
        "-1",
        "20.000000000000004",
        "20.0000000000000000001",
        "9007199254740993",
        "12345678901234567890123",
        "true",
        "null",
    ]
)
_few_keys = st.sampled_from(['"a"', '"a"', '"b"', '"\\u0061"', '"a b"', '"ü"'])
_small = st.recursive(
    _few_values,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]")
        | st.tuples(_few_keys, inner).map(lambda pair: "{" + ": ".join(pair) + "}")
    ),
    max_leaves=3,
)
OBJECTS = st.lists(st.tuples(_few_keys, _small), min_size=1, max_size=3).map(
    lambda pairs: ("{" + ",".join(": ".join(pair) for pair in pairs) + "}").encode("utf-8", "surrogatepass")
) | _few_values.map(lambda text: text.encode("utf-8", "surrogatepass"))
"""Small JSON payloads whose fields ``FIELD_TESTS`` ask for."""
_few_literals = st.sampled_from(["20", "21.4", "0", "on", '"20"', '""', "ON", "Ärger", "20.000000000000004"])
_few_tests = st.one_of(
    st.just(""),
    st.tuples(_compare, st.sampled_from(["20", "21.4", "0", '"on"', '"20"', "9007199254740992"])).map(
        " ".join
    ),
    st.tuples(st.sampled_from(["==", "!="]), _few_literals | st.sampled_from(["true", "null"])).map(" ".join),
    _in(_few_literals),
    st.sampled_from(["in 0..20", "in 20..21.4", 'in "a".."z"', "contains n", 'contains "ä"', 'contains ""']),
    st.sampled_from(["~ ^o", '~ "\\d"', "!~ n", '!~ "(?-i:ON)"', "~ ä"]),
)
FIELD_TESTS = st.tuples(
    st.sampled_from([".a", ".a", ".a", ".b", ".a.b", ".a[0]", ".a[*]", ".a[*].b", '."a b"', ".ü", ".", "."]),
    _few_tests,
    st.booleans(),
).map(lambda parts: f"not {parts[0]} {parts[1]}" if parts[2] else f"{parts[0]} {parts[1]}")


_octets = st.sampled_from(
    ['contains x"0103"', 'contains x"ff"', '== x"4f4e"', '!= x"00"', 'in (x"4f4e", on, 20)']
)
_numeric = st.tuples(_compare, _numbers_written).map(" ".join) | _in(_numbers_written) | _range
_tests = (
    st.tuples(_paths, _free).map(" ".join)
    | st.tuples(st.sampled_from(["payload", ".", "prop.correlation_data"]), _octets).map(" ".join)
    | st.tuples(
        st.sampled_from(
            [
                "payload",
                "prop.response_topic",
                "prop.message_expiry_interval",
                "prop.content_type",
                "prop.correlation_data",
                "user.k",
                'user."a b"',
            ]
        ),
        _free,
    ).map(" ".join)
    | st.tuples(st.sampled_from(["size", "wire", "qos", "count", "rate", "reason"]), _numeric).map(" ".join)
    | st.sampled_from(
        [
            "dir == out",
            "dir != in",
            "kind == text",
            "kind != mqtt",
            "kind in (mqtt, binary)",
            "size > 1kB",
            "wire <= 1KiB",
            "conn == A",
            "conn != A",
            'conn contains "är"',
            "sub == site/#",
            "sub != 7",
            "sub in (7, +/7/#)",
            "sub == 20",
            "packet == puback",
            "packet != pubrec",
            "packet == 7",
            "packet != 7",
            "packet in (7, pubcomp)",
            "error",
            "reason != 0",
            "reason >= 0x80",
            "at > -5m",
            "at < mark",
            "at in -10m..-5m",
            "age < 5m",
            "age in 1m..10m",
            "age >= 0.1s",
            "topic == site/7/temp",
            "topic != site/+/temp",
            'topic == "site/#"',
            "topic ~ ^site",
            'topic contains "ä"',
            "topic in (site/8/temp, $SYS/#)",
            "topic < m",
            "rate >= 2/s",
        ]
    )
    | FIELD_TESTS
    | st.sampled_from(["retained", "dup", "empty", "binary", "json", "changed", "sent", "received"])
    | st.sampled_from(["site/+/temp", "#", "+/+", "$SYS/#", "site/#", "/+", "+"])
    | _paths
    | st.sampled_from(["prop.response_topic", "user.k", 'x"0103"', 'x"c3"'])
    | _bare
    | _quoted
)
FILTERS = st.recursive(
    _tests,
    lambda inner: (
        st.tuples(inner, st.sampled_from([" and ", " or ", " ", " && ", " || "]), inner).map("".join)
        | inner.map(lambda text: f"not ({text})")
        | inner.map(lambda text: f"({text})")
    ),
    max_leaves=4,
)
