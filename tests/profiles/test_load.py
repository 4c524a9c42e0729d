"""Every problem names the file, the line, the table, the key, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile, SecretRef
from mqttx_tui.profiles.keys import CONNECTION_KEYS
from mqttx_tui.profiles.load import ProfileFile, load, parse
from mqttx_tui.profiles.problems import CONNECTION_PEERS

X = '[connections.x]\nurl = "mqtts://h"\n'


def read(text: str) -> ProfileFile:
    return parse(text.encode(), Path("c.toml"))


def problems(text: str) -> list[str]:
    return [str(problem) for problem in read(text).problems]


def one(text: str) -> Profile:
    file = read(text)
    assert file.problems == ()
    return file.profiles[0]


@pytest.mark.parametrize(
    ("line", "said", "hint"),
    [
        ("insecure = true", "x.insecure: unknown key", "tls.verify = false"),
        ("verify = false", "x.verify: unknown key", "tls.verify"),
        ('ca_file = "a"', "x.ca_file: unknown key", "tls.ca"),
        ('cafile = "a"', "x.cafile: unknown key", "tls.ca"),
        ("ssl = true", "x.ssl: unknown key", "mqtts://"),
        ("version = 5", "x.version: unknown key", "mqtt ="),
        ('usernme = "a"', "x.usernme: unknown key", "did you mean username?"),
        ('Username = "a"', "x.Username: unknown key", "it is written username"),
        ('client-id = "a"', "x.client-id: unknown key", "it is written client_id"),
        ("tls = true", "x.tls: needs a table", "mqtts://"),
        ("tls.insecure = true", "x.tls.insecure: unknown key in tls", "verify = false"),
        ("tls.alpn = 5", "x.tls.alpn: needs an array of strings, not a number", ""),
        ('tls.fingerprint = "ab"', "x.tls.fingerprint: is not sha256: and 64", "openssl"),
        ("password = 1234", "x.password: needs a string or a secret, not a number", "quotes"),
        ('password = { env = "A", file = "b" }', "x.password: needs exactly one of", "env"),
        ('password = { vault = "A" }', "x.password.vault: 'vault' is no kind of secret", "command"),
        ("password = { prompt = 1 }", "x.password.prompt: needs true or the question", "prompt"),
        ('client_id = { env = "A" }', "x.client_id: a secret cannot stand here", "possible for url"),
        ('keepalive = "30"', "x.keepalive: is not a duration", '"30s"'),
        ("keepalive = 70000", "x.keepalive: 70000 s is not between", ""),
        ('keepalive = "1500ms"', "x.keepalive: 1.5 s is not a whole number", ""),
        ("keepalive = true", "x.keepalive: needs a duration, not true or false", ""),
        ('connect = "yes"', "x.connect: needs true or false, not a string", "without quotes"),
        ("mqtt = 6", "x.mqtt: 6 is not a version of MQTT", "3.1.1"),
        ('protocol = "mqtts"', "x.protocol: 'mqtts' is not known", '"mqtt"'),
        ('protocol = "websocket"', "x.protocol: contradicts mqtts://", "ws://"),
        ('color = "blurple"', "x.color: 'blurple' is not a colour", "#rrggbb"),
        ('max_packet = "5 apples"', "x.max_packet: is not a size", "5MB"),
        ('subscriptions = "a"', "x.subscriptions: needs an array, not a string", "subscriptions = ["),
        ('subscriptions = ["a/#/b"]', "x.subscriptions[1].filter: column 3: # must be the last", ""),
        ('subscriptions = [{ topic = "a" }]', "topic: unknown key in a subscription", "filter"),
        ("subscriptions = [{ qos = 1 }]", "x.subscriptions[1]: a subscription needs filter", ""),
        ('subscriptions = [{ filter = "a", qos = 3 }]', "[1].qos: 3 is not between 0 and 2", ""),
        ('subscriptions = ["a", "a"]', "[2]: 'a' is already subscribed to", ""),
        ('subscriptions = [{ filter = "$share/g/a", no_local = true }]', "shared subscription", ""),
        ('exclude = ["a/#/b"]', "x.exclude[1]: column 3", ""),
        ('will.payload = "x"', "x.will: will needs topic", "will.topic"),
        ('will.topic = "a/+"', "x.will.topic: column 3: a topic to publish to", ""),
        ('headers = { "A b" = "c" }', "x.headers.\"A b\": 'A b' holds characters", ""),
        ('headers = { A = "b\\r\\nc" }', "x.headers.A: may not hold a line break", ""),
        ("headers = 5", "x.headers: needs a table", "Authorization"),
        ('topic_from = "type"', "x.topic_from: 'type' is not a path", '".type"'),
        ("properties.receive_maximum = 0", "receive_maximum: 0 is not between 1", ""),
        ("properties.user = { a = 1 }", "x.properties.user.a: needs a string", ""),
        ('messages = [{ topic = "a" }]', "x.messages[1]: a message needs name", ""),
        ('messages = [{ name = "a" }]', "x.messages[1]: the message 'a' needs a topic", ""),
        (
            'messages = [{ name = "a", topic = "b", payload = "c", payload_hex = "00" }]',
            "x.messages[1]: has both payload and payload_hex",
            "keep one",
        ),
        ('messages = [{ name = "a", topic = "b", payload_hex = "0" }]', "is not hexadecimal", ""),
        ('messages = [{ name = "a", topic = "b", payload_base64 = "?" }]', "is not base64", ""),
        ('messages = [{ name = "a", topic = "b", message = "c" }]', "unknown key in a message", "payload"),
        (
            'messages = [{ name = "a", topic = "b", properties = { x = 1 } }]',
            "x.messages[1].properties.x: unknown key",
            "",
        ),
        ('username = "a\\u0000b"', "x.username: may not hold the character U+0000", ""),
        ("name = 1979-05-27", "x.name: needs a string, not a date", ""),
    ],
)
def test_a_wrong_line(line: str, said: str, hint: str) -> None:
    text = f'{X}{line}\n[connections.good]\nurl = "mqtt://g"\n'
    file = read(text)
    assert [profile.key for profile in file.profiles] == ["good"]
    assert file.broken == ("x",)
    shown = str(file.problems[0])
    assert shown.startswith("c.toml:3: connections.x")
    assert said in shown
    assert hint in file.problems[0].hint


def test_host_and_port_print_the_url() -> None:
    shown = problems('[connections.x]\nhost = "mq.lab"\nport = 8883\n')
    assert len(shown) == 2
    for text in shown:
        assert text.endswith('write url = "mqtts://mq.lab:8883"')
    assert problems('[connections.x]\nhost = "::1"\n')[0].endswith('write url = "mqtt://[::1]"')


def test_ws_needs_protocol() -> None:
    (shown,) = problems('[connections.x]\nurl = "ws://broker:9001/mqtt"\n')
    assert 'protocol = "mqtt"' in shown
    assert 'protocol = "websocket"' in shown
    assert one('[connections.x]\nurl = "mqtt+ws://b:9001/mqtt"\n').protocol == "mqtt"
    assert problems('[connections.x]\nurl = { command = "a" }\n')
    assert one('[connections.x]\nurl = { command = "a" }\nprotocol = "mqtt"').url == SecretRef("command", "a")


def test_url_with_placeholders() -> None:
    assert one('[connections.x]\nurl = "mqtt://${HOST:-h}:${PORT}"').url == "mqtt://${HOST:-h}:${PORT}"
    assert "has no known scheme" in problems('[connections.x]\nurl = "htp://${HOST}"')[0]


def test_tls_on_a_plain_url() -> None:
    (shown,) = problems('[connections.x]\nurl = "mqtt://h"\ntls.ca = "a"\n')
    assert "connections.x.tls.ca: has no effect: mqtt:// is not encrypted" in shown
    assert "mqtts://" in shown
    assert not problems('[defaults]\ntls.ca = "a"\n[connections.x]\nurl = "mqtt://h"\n')


def test_read_only_in_a_subscription() -> None:
    text = (
        X + '[[connections.x.subscriptions]]\nfilter = "a"\n[[connections.x.subscriptions]]\nfilter = "b"\n'
    )
    file = read(text + "read_only = true\n")
    assert file.profiles == ()
    (problem,) = file.problems
    assert problem.line == 7
    assert problem.text == "read_only belongs to [connections.x]; move it above line 3"


def test_no_url() -> None:
    assert problems('[connections.x]\nname = "a"\n') == [
        'c.toml:1: connections.x: has no url — for example url = "mqtt://localhost:1883"'
    ]


def test_dotted_table_name() -> None:
    (shown,) = problems('[connections.broker.lab]\nurl = "mqtt://h"\n')
    assert '[connections."broker.lab"]' in shown


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ('[connections.x]\nurl = "a"\ntls = {\n  ca = "a",\n}\n', 3, 'write tls.KEY = "…", one per line'),
        (X + 'tls = { ca = "a",\n  cert = "b" }\n', 3, "may not span lines"),
        (X + 'tls = { ca = "a", }\n', 3, "no comma before }"),
        (X + 'subscriptions = [\n  { filter = "a",\n    qos = 1 },\n]\n', 4, "on one line"),
        ('[connections.living room]\nurl = "a"\n', 1, 'name = "Living room"'),
        ("[connections.x]\nurl = mqtt://h\n", 2, 'url = "…"'),
        (X + "connect = True\n", 3, "write true"),
        (X + 'tls.ca = "C:\\pki\\ca.pem"\n', 3, "single quotes"),
        (X + X, 3, "same name"),
        (X + 'url = "b"\n', 3, "twice"),
        (X + 'name = "a\n', 3, ""),
    ],
)
def test_syntax_errors(text: str, line: int, hint: str) -> None:
    file = read(text)
    assert file.profiles == ()
    (problem,) = file.problems
    assert problem.line in (line, line + 1)
    assert "not valid TOML" in problem.text
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("version = 1\n", "schema = 1"),
        ("[connection.x]\n", "it is called connections"),
        ('[lab]\nurl = "mqtt://h"\n', "[connections.lab]"),
        ('url = "mqtt://h"\n', "below [connections.NAME]"),
    ],
)
def test_outside_the_connections(text: str, hint: str) -> None:
    (problem,) = read(text).problems
    assert problem.profile == ""
    assert hint in problem.hint


def test_newer_schema_is_not_read() -> None:
    file = read("schema = 2\n" + X)
    assert file.profiles == ()
    assert "schema = 1" in str(file.problems[0])


def test_defaults() -> None:
    text = '[defaults]\nkeepalive = "10s"\ntls.ca = "a"\nread_only = true\n'
    profile = one(text + X + 'tls.cert = "b"\nkeepalive = 5\n')
    assert (profile.keepalive, profile.tls.ca, profile.tls.cert) == (5.0, "a", "b")
    assert (profile.read_only, profile.read_only_line) == (True, 4)


def test_bad_defaults_do_not_unlock() -> None:
    file = read('[defaults]\nread_only = "yes"\nkeepalive = "x"\nurl = "mqtt://h"\n' + X)
    assert [problem.profile for problem in file.problems] == ["", "", ""]
    (profile,) = file.profiles
    assert profile.read_only
    assert profile.keepalive == 60.0


@pytest.mark.parametrize(
    ("written", "version"),
    [
        ("5", "5"),
        ('"5"', "5"),
        ('"5.0"', "5"),
        ("5.0", "5"),
        ('"3.1.1"', "3.1.1"),
        ('"3.1"', "3.1"),
        ('"auto"', "auto"),
    ],
)
def test_versions(written: str, version: str) -> None:
    assert one(f"{X}mqtt = {written}\n").mqtt == version


def test_missing_unreadable_and_odd_files(tmp_path: Path) -> None:
    missing = load(tmp_path / "no.toml")
    assert (missing.profiles, missing.problems, missing.exists) == ((), (), False)
    with pytest.raises(InputError, match="directory"):
        load(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'# ok\nname = "\xfc"\n')
    (problem,) = load(tmp_path / "latin.toml").problems
    assert (problem.line, problem.text) == (2, "is not UTF-8")
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbf" + X.replace("\n", "\r\n").encode())
    file = load(tmp_path / "bom.toml")
    assert [(item.key, item.line) for item in file.profiles] == [("x", 1)]
    assert file.mtime > 0


def test_secrets_stand_in_no_problem() -> None:
    secret = "hunter2-8731"
    lines = [
        f'password = ["{secret}"]',
        f'password = {{ env = ["{secret}"] }}',
        f'headers = {{ A = ["{secret}"] }}',
    ]
    lines += [
        f'url = "mqtts://u:{secret}@h:99999"',
        f'url = "xyz://u:{secret}@h"',
        f'tls.key_password = ["{secret}"]',
    ]
    for line in lines:
        shown = problems(f"[connections.x]\n{line}\n")
        assert shown
        assert secret not in "".join(shown)


def test_repr_shows_no_secret() -> None:
    file = read(X + 'password = "hunter2-8731"\n')
    assert file.problems == ()
    assert "hunter2" not in repr(file)


def test_every_peers_name_leads_to_a_key() -> None:
    for ours in CONNECTION_PEERS.values():
        assert ours.partition(" ")[0].partition(".")[0] in CONNECTION_KEYS, ours


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    parse(text.encode("utf-8", "replace"), Path("c.toml"))


TOML_VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**40), 2**40), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from((*CONNECTION_KEYS, "host", "port", "q")), TOML_VALUES, max_size=6))
def test_no_value_raises(table: dict[str, object]) -> None:
    import tomli_w

    parse(tomli_w.dumps({"connections": {"x": table}, "defaults": table}).encode(), Path("c.toml"))
