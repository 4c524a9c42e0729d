"""Connections from URLs and from command lines of other programs."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.errors import InputError
from mqttx_tui.profiles.import_options import MOSQUITTO, MQTTX, OURS, WEBSOCAT, WSCAT
from mqttx_tui.profiles.import_table import Imported
from mqttx_tui.profiles.imported import READERS, import_line
from mqttx_tui.profiles.load import parse
from mqttx_tui.profiles.placeholders import fill

URLS: list[tuple[str, dict[str, Any]]] = [
    ("mqtt://broker.lab", {"url": "mqtt://broker.lab", "subscriptions": ["#"]}),
    (
        "mqtts://me:p%40ss@broker.lab:8884/site/+/temp",
        {
            "url": "mqtts://broker.lab:8884",
            "username": "me",
            "password": "p@ss",
            "subscriptions": ["site/+/temp"],
        },
    ),
    ("mqtt://h/a/#", {"url": "mqtt://h", "subscriptions": ["a/#"]}),
    ("mqtt://[::1]:1884", {"url": "mqtt://[::1]:1884", "subscriptions": ["#"]}),
    ("  'mqtt://h:1883'  ", {"url": "mqtt://h", "subscriptions": ["#"]}),
    ("unix:///run/mosquitto.sock", {"url": "unix:///run/mosquitto.sock", "subscriptions": ["#"]}),
    ("mqtt+ws://h:8083/mqtt", {"url": "mqtt+ws://h:8083/mqtt", "subscriptions": ["#"]}),
    (
        "mqtt://h?x=${HOME}",
        {"url": "mqtt://h", "subscriptions": ["#"]},
    ),
]

LINES: list[tuple[str, dict[str, Any]]] = [
    ("mosquitto_sub -t a/#", {"url": "mqtt://localhost", "subscriptions": ["a/#"]}),
    (
        "mosquitto_sub -h broker.lab -p 1884 -u me -P 'pa ss' -t a/# -t 'b c/+' -q 1 -v",
        {
            "url": "mqtt://broker.lab:1884",
            "username": "me",
            "password": "pa ss",
            "subscriptions": [{"filter": "a/#", "qos": 1}, {"filter": "b c/+", "qos": 1}],
        },
    ),
    (
        "mosquitto_sub -h h --cafile ca.pem --cert me.crt --key me.key --insecure --tls-alpn mqtt -t '#'",
        {
            "url": "mqtts://h",
            "tls": {"ca": "ca.pem", "cert": "me.crt", "key": "me.key", "verify": False, "alpn": ["mqtt"]},
            "subscriptions": ["#"],
        },
    ),
    (
        "mosquitto_sub -h h -p 8883 -V mqttv5 -i me -k 30 -c -x 3600 -t x",
        {
            "url": "mqtts://h:8883",
            "mqtt": "5",
            "client_id": "me",
            "keepalive": 30,
            "clean_start": False,
            "session_expiry": 3600,
            "subscriptions": ["x"],
        },
    ),
    (
        "mosquitto_sub -L mqtts://me:pw@h/site/# -I bench- -T site/noisy/#",
        {
            "url": "mqtts://h",
            "username": "me",
            "password": "pw",
            "subscriptions": ["site/#"],
            "client_id": "bench-{random}",
            "exclude": ["site/noisy/#"],
        },
    ),
    (
        "mosquitto_sub -t a --will-topic w/t --will-payload '${gone}' --will-qos 1 --will-retain",
        {
            "url": "mqtt://localhost",
            "will": {"topic": "w/t", "payload": "${gone}", "qos": 1, "retain": True},
            "subscriptions": ["a"],
        },
    ),
    (
        "mosquitto_sub -t a -D connect receive-maximum 20 -D connect user-property k v -D CONNECT "
        "session-expiry-interval 9",
        {
            "url": "mqtt://localhost",
            "properties": {"receive_maximum": 20, "user": {"k": "v"}},
            "session_expiry": 9,
            "subscriptions": ["a"],
        },
    ),
    ("mosquitto_sub --unix /run/m.sock -t a", {"url": "unix:///run/m.sock", "subscriptions": ["a"]}),
    (
        'mosquitto_sub -h $BROKER -u "$NAME" -P "$PW" -t a',
        {
            "url": "mqtt://${BROKER}",
            "username": "${NAME}",
            "password": {"env": "PW"},
            "subscriptions": ["a"],
        },
    ),
    (
        "mosquitto_sub -P '$PW' -u 'a${b}' -t a",
        {"url": "mqtt://localhost", "username": "a$${b}", "password": "$PW", "subscriptions": ["a"]},
    ),
    (
        "$ LANG=C sudo /usr/bin/mosquitto_sub \\\n  -h h \\\n  -t a 2>/dev/null | jq .",
        {"url": "mqtt://h", "subscriptions": ["a"]},
    ),
    ("mosquitto_sub \\ -h h \\ -t a", {"url": "mqtt://h", "subscriptions": ["a"]}),
    (
        "mosquitto_pub -h h -t site/7/set -m '{\"on\": true}' -q 2 -r",
        {
            "url": "mqtt://h",
            "messages": [
                {
                    "name": "imported",
                    "topic": "site/7/set",
                    "payload": '{"on": true}',
                    "retain": True,
                    "qos": 2,
                }
            ],
        },
    ),
    (
        "mosquitto_pub -h h -t a -f x.bin",
        {"url": "mqtt://h", "messages": [{"name": "imported", "topic": "a", "payload_file": "x.bin"}]},
    ),
    (
        "mqttx sub -l wss -h h -p 8084 --path /mqtt -t a b -u me -P pw -V 3.1.1 -wh 'X-A: 1' 'X-B: 2'",
        {
            "url": "wss://h:8084/mqtt",
            "protocol": "mqtt",
            "username": "me",
            "password": "pw",
            "mqtt": "3.1.1",
            "headers": {"X-A": "1", "X-B": "2"},
            "subscriptions": ["a", "b"],
        },
    ),
    (
        "mqttx sub -h h -t=a -q=1 --no-clean -se 60",
        {
            "url": "mqtt://h",
            "clean_start": False,
            "session_expiry": 60,
            "subscriptions": [{"filter": "a", "qos": 1}],
        },
    ),
    (
        "mqttx-tui sub wss://h/mqtt -t a -u me --password-env PW --cafile ca.pem",
        {
            "url": "wss://h/mqtt",
            "protocol": "mqtt",
            "username": "me",
            "password": {"env": "PW"},
            "tls": {"ca": "ca.pem"},
            "subscriptions": ["a"],
        },
    ),
    ("mqttx-tui ws://h/rpc", {"url": "ws://h/rpc", "protocol": "websocket"}),
    (
        "websocat -n -t wss://h/ws?token=1 -H 'Authorization: Bearer x' -H=Cookie:a=b --protocol chat "
        "--origin https://o",
        {
            "url": "wss://h/ws?token=1",
            "protocol": "websocket",
            "headers": {"Authorization": "Bearer x", "Cookie": "a=b"},
            "subprotocols": ["chat"],
            "origin": "https://o",
        },
    ),
    (
        "printf '%s\\n' 'a|b' | websocat -n 'ws://h/?a=1&b=2'",
        {"url": "ws://h/?a=1&b=2", "protocol": "websocket"},
    ),
    (
        "wscat -n -c wss://h/x --auth me:p@w -s chat",
        {
            "url": "wss://me:p%40w@h/x",
            "protocol": "websocket",
            "subprotocols": ["chat"],
            "tls": {"verify": False},
        },
    ),
]


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for item in (*value, *value.values()) for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


@pytest.mark.parametrize(("text", "table"), [*URLS, *LINES])
def test_what_is_taken_over(text: str, table: dict[str, Any]) -> None:
    found = import_line(text)
    if text != "mqtt://h?x=${HOME}":
        assert found.table == table
    assert "Word" not in str(list(map(type, _leaves(found.table))))
    loaded = parse(tomli_w.dumps({"connections": {"x": found.table}}).encode(), Path("x"))
    assert not loaded.problems
    assert loaded.profiles


@pytest.mark.parametrize("text", ["ws://h/a", "wss://u:p@h/a?b=c", "http://h/x", "https://h"])
def test_a_websocket_url_leaves_open_what_is_spoken(text: str) -> None:
    found = import_line(text)
    assert found.asks_protocol
    assert found.table["url"] == text.replace("http", "ws", 1)
    assert any("became ws" in note for note in found.notes) is text.startswith("http")


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("mosquitto_sub -t a -C 5 -W 3 -d -v -F %p", ("not taken over: -C, -W",)),
        ("mosquitto_sub -t a --psk s3cret --psk-identity me", ("not taken over: --psk, --psk-identity",)),
        ("mosquitto_sub -t a -k soon -q 9 -V 4.2", ("not taken over: -k, -q, -V",)),
        ("mosquitto_sub -t a --frobnicate", ("not taken over: --frobnicate",)),
        ("mosquitto_sub -t a -D subscribe content-type a", ("not taken over: -D",)),
        ("mosquitto_sub -t a -h", ("not taken over: -h",)),
        ("mqttx bench sub -t a", ("not taken over: bench, 1 more word",)),
        ("websocat ws://h/ -E --ping-interval 5", ("not taken over: -E, --ping-interval",)),
        ("mosquitto_pub -t a/b -m x", ("its message to a/b is saved with the connection",)),
        ("mqtt://h and more", ("not taken over: the words after the URL",)),
    ],
)
def test_what_is_not_taken_over_is_named_without_its_value(text: str, notes: tuple[str, ...]) -> None:
    assert import_line(text).notes == notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing was given"),
        ("   \n", "nothing was given"),
        ("mosquitto_sub -t 'a", "a quote is not closed"),
        ("curl https://x", "'curl' is no program known here"),
        ("broker.lab", "has no known scheme"),
        ("mqtt://", "names no host"),
        ("ftp://h/x", "has no known scheme"),
        ("websocat -n", "names no ws"),
        ("websocat http://h/", "names no ws"),
        ("mqttx-tui sub lab -t a", "names a profile"),
        ("mosquitto_sub -L nonsense -t a", "-L names no URL"),
        ("x" * 30_000, "no command line"),
        ("| | ;", "nothing was given"),
    ],
)
def test_what_is_neither_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        import_line(text)
    assert caught.value.title


def test_a_refusal_shows_no_secret() -> None:
    for text in ("mqtt://me:s3cret@", "mosquitto_sub -L me:s3cret@h -t a", "me:s3cret@h"):
        with pytest.raises(InputError) as caught:
            import_line(text)
        assert "s3cret" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    "line",
    [
        "mosquitto_sub -h lab -t a --proxy socks5h://me:s3cret@p:1080",
        "wscat -c ws://lab --proxy socks5h://me:s3cret@p:1080",
        "mqttx-tui sub mqtt://lab -t a --proxy socks5h://me:s3cret@p:1080",
    ],
)
def test_a_proxy_is_taken_over(line: str) -> None:
    assert import_line(line).table["proxy"] == "socks5h://me:s3cret@p:1080"


def test_nothing_imported_shows_a_secret_in_its_repr() -> None:
    assert "s3cret" not in repr(import_line("mosquitto_sub -P s3cret -t a"))


PIECES = st.sampled_from(
    [
        *READERS,
        *MOSQUITTO,
        *MQTTX,
        *OURS,
        *WEBSOCAT,
        *WSCAT,
        "sub",
        "pub",
        "mqtt://u:p@h:1883/a",
        "wss://h/?q",
        "unix:",
        "://",
        "\\",
        "|",
        "'",
        "$X",
        "${X}",
        "-",
        "=",
        "user-property",
        "connect",
        "1",
        "\0",
        "\ud800",
        "[::",
        "mqtt://[",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=8).map(" ".join)))
def test_every_text_is_taken_or_refused(text: str) -> None:
    try:
        found = import_line(text)
    except InputError:
        return
    assert isinstance(found, Imported)
    assert "url" in found.table


@given(st.text(max_size=30), st.text(max_size=30), st.text(min_size=1, max_size=20))
def test_what_is_quoted_for_a_shell_arrives_unchanged(user: str, password: str, topic: str) -> None:
    quoted = " ".join(map(shlex.quote, ("-u", user, "-P", password, "-t", topic)))
    table = import_line(f"mosquitto_sub -h h {quoted}").table
    assert fill(table["username"], {}) == user
    assert fill(table["password"], {}) == password
    assert table["subscriptions"] == [topic]
