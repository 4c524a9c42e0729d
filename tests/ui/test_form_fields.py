"""The connection form's fields and the table that they make."""

from __future__ import annotations

import tomllib

import pytest

from mqttx_tui.ui.form_fields import check, from_table, hides, key_for, shown_fields, to_table

WILL = """
url = "mqtt://h"
mqtt = 5
username = "me"
password = { env = "X" }
will.topic = "s"
will.delay = "30s"
will.message_expiry_interval = 60
will.payload_format_indicator = 0
will.content_type = "a/b"
will.response_topic = "r"
will.correlation_data = "1"
will.user = [["b", "1"], ["a", "2"], ["b", "1"]]
properties.receive_maximum = 9
properties.maximum_packet_size = "10MB"
properties.topic_alias_maximum = 0
properties.request_response_information = true
properties.request_problem_information = false
properties.authentication_method = "SCRAM-SHA-256"
properties.user = { site = "lab", team = ["a", "b"] }
"""
TABLES = [
    WILL,
    'url = "mqtt://localhost"',
    'url = "mqtts://h:8883"\npassword = { env = "X" }\ntls.ca = "~/ca.pem"\ntls.verify = false',
    'url = "mqtt://h"\nsubscriptions = ["a/#", { filter = "b/+", qos = 1, on = false }, "with blank/#"]',
    'url = "ws://h/p"\nprotocol = "websocket"\ntopic_from = ".type"\nheaters = 1'.replace("heaters = 1", ""),
    'url = "wss://h/mqtt"\nprotocol = "mqtt"\nheaders = { Authorization = "Bearer ${T}" }\norigin = "http://x"',
    'url = "wss://h/p?a=%41&token=${T}"\nprotocol = "websocket"\nbearer = { env = "T" }\nmax_packet = 5000',
    'url = "ws://h"\nprotocol = "websocket"\nusername = "me"\npassword = "x"\nretries = 3\nproxy = "http://p:1"'
    '\nretry_longest = "5m"\nconnect_timeout = 2.5',
    'url = "mqtt://h"\nkeepalive = 5\nwill.topic = "s"\nwill.payload = "g"\nwill.qos = 1\nwill.retain = true',
    'url = "mqtt://h"\nread_only = true\nexclude = ["noisy/#"]\n[[messages]]\nname = "m"\ntopic = "t"',
]


@pytest.mark.parametrize("text", TABLES)
def test_unchanged_fields_leave_the_table_as_it_was(text: str) -> None:
    table = tomllib.loads(text)
    assert to_table(from_table(table), table) == table


@pytest.mark.parametrize("text", TABLES)
def test_every_table_is_accepted(text: str) -> None:
    profile, problems = check("k", tomllib.loads(text), {})
    assert not problems
    assert profile is not None


def test_problems_stand_beside_their_fields() -> None:
    wrong = {"keepalive": "3x", "subscriptions": "a/#/b", "retry_longest": "soon", "connect_timeout": "0"}
    values = from_table({"url": "mqtt://h"}) | wrong
    profile, problems = check("k", to_table(values, {}), {})
    assert profile is None
    assert set(problems) == set(wrong)


def test_a_websocket_says_what_it_speaks() -> None:
    shown = shown_fields({"url": "ws://h/", "protocol": "websocket"})
    assert {"protocol", "topic_from", "headers"} <= shown
    assert not {"mqtt", "subscriptions", "tls.ca"} & shown
    assert "tls.ca" in shown_fields({"url": "wss://h/", "protocol": "mqtt"})
    assert "protocol" not in shown_fields({"url": "mqtt+ws://h/"})


def test_headers_and_query_are_rows() -> None:
    table = tomllib.loads('url = "wss://h/p?a=%41&b=2"\nprotocol = "websocket"\nheaders = { X-A = "1; 2" }')
    values = from_table(table)
    assert values["url"] == "wss://h/p"
    assert values["query"] == "a\tA\nb\t2"
    assert values["headers"] == "X-A\t1; 2"
    values["query"] = "a\tA\nnew\tx y"
    values["headers"] += '\nAuthorization\t{ env = "T" }'
    made = to_table(values, table)
    assert made["url"] == "wss://h/p?a=%41&new=x%20y"
    assert made["headers"] == {"X-A": "1; 2", "Authorization": {"env": "T"}}
    values["url"] = "mqtt://h"
    assert to_table(values, table)["url"] == "mqtt://h"


def test_a_header_named_twice_is_a_problem_that_names_it() -> None:
    values = from_table({"url": "ws://h", "protocol": "websocket"}) | {"headers": "X\t1\nX\t2\n\tlost"}
    profile, problems = check("k", to_table(values, {}), {})
    assert profile is None
    assert set(problems) == {"headers"}


def test_secret_values_are_hidden_and_references_are_not() -> None:
    assert hides("headers")("Authorization", "Bearer x")
    assert not hides("headers")("Authorization", "Bearer ${X}")
    assert not hides("headers")("Accept", "x")
    assert hides("query")("room", "5")
    assert not hides("query")("room", "")


def test_a_secret_may_be_a_reference() -> None:
    values = from_table({"url": "mqtt://h"}) | {"password": '{ command = "pass show x" }'}
    assert to_table(values, {})["password"] == {"command": "pass show x"}
    values["password"] = "{not toml"
    assert to_table(values, {})["password"] == "{not toml"


def test_defaults_count() -> None:
    _, problems = check("k", {"url": "ws://h/"}, {})
    assert "url" in problems
    profile, _ = check("k", {"url": "mqtt://h"}, {"keepalive": "5s"})
    assert profile is not None
    assert profile.keepalive == 5


@pytest.mark.parametrize(
    ("name", "url", "key"),
    [
        ("Home Assistant", "mqtt://x", "home-assistant"),
        ("", "mqtt://u:p@broker.lab:1883/", "broker-lab-1883"),
        ("ä", "", "connection"),
    ],
)
def test_key(name: str, url: str, key: str) -> None:
    assert key_for(name, url) == key


def test_properties_are_there_for_the_version_that_has_them() -> None:
    table = tomllib.loads(WILL)
    values = from_table(table)
    assert values["will.user"] == "b\t1\na\t2\nb\t1"
    assert values["properties.user"] == "site\tlab\nteam\ta\nteam\tb"
    assert values["properties.request_problem_information"] == "no"
    fives = {"will.delay", "will.user", "properties.receive_maximum", "properties.authentication_method"}
    assert fives <= shown_fields(values)
    older = {**values, "mqtt": "3.1.1"}
    assert not fives & shown_fields(older)
    made = to_table(older, table)
    assert "properties" not in made
    assert made["will"] == {"topic": "s"}


def test_properties_become_what_the_file_holds() -> None:
    typed = {
        "will.topic": "s",
        "will.payload_format_indicator": "1",
        "will.user": "b\t1\na\t2\nb\t3",
        "properties.receive_maximum": "20",
        "properties.request_problem_information": "no",
        "properties.user": "k\tv",
    }
    made = to_table(from_table({"url": "mqtt://h"}) | typed, {"url": "mqtt://h"})
    assert made["will"] == {
        "topic": "s",
        "payload_format_indicator": 1,
        "user": [["b", "1"], ["a", "2"], ["b", "3"]],
    }
    expected = {"receive_maximum": 20, "request_problem_information": False, "user": {"k": "v"}}
    assert made["properties"] == expected
    profile, problems = check("k", made, {})
    assert not problems
    assert profile is not None


def test_what_contradicts_itself_is_said_at_its_field() -> None:
    typed = {"properties.authentication_method": "SCRAM-SHA-256", "properties.receive_maximum": "0"}
    made = to_table(from_table({"url": "mqtt://h"}) | typed, {"url": "mqtt://h"})
    _, problems = check("k", made, {})
    assert "properties.receive_maximum" in problems
