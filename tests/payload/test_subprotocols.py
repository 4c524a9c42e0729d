"""Socket.IO, STOMP and GraphQL over WebSocket as they are shown; the bytes stay as they are."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.payload.base import Context
from mqttx_tui.payload.graphql import TYPES, GraphQl
from mqttx_tui.payload.registry import decode
from mqttx_tui.payload.socketio import SocketIo, partners_of
from mqttx_tui.payload.stomp import COMMANDS, Stomp

FRAME = Context(frame=True)
SOCKET_IO = Context(frame=True, subprotocol="socket.io")
STOMP = Context(frame=True, subprotocol="v12.stomp")
GRAPHQL = Context(frame=True, subprotocol="graphql-transport-ws")

PIECES = (
    b'"id":',
    b'"payload":',
    b'"query":',
    b'"a"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"1",
    b"null",
    b" ",
    b'"',
)
"""What JSON that is nearly a message of GraphQL is put together from."""

SUBSCRIBE = {
    "id": "7",
    "type": "subscribe",
    "payload": {
        "query": "subscription Temp($site: ID!) {\n  temp(site: $site)\n}",
        "variables": {"site": "lab"},
    },
}


@pytest.mark.parametrize(
    ("data", "context", "decoder"),
    [
        (b'42["chat","hi"]', FRAME, "socket.io"),
        (b'0{"sid":"x","upgrades":[]}', FRAME, "socket.io"),
        (b'40{"sid":"x"}', FRAME, "socket.io"),
        (b"40/admin,", FRAME, "socket.io"),
        (b"4312[1]", FRAME, "socket.io"),
        (b'452-/a,["x",{"_placeholder":true,"num":0}]', FRAME, "socket.io"),
        (b"3probe", FRAME, "socket.io"),
        (b"2", FRAME, "json"),
        (b"40", FRAME, "json"),
        (b"42", FRAME, "json"),
        (b"4", FRAME, "json"),
        (b"2", SOCKET_IO, "socket.io"),
        (b'42["chat","hi"]', Context(), "text"),
        (b"no packet", SOCKET_IO, "text"),
        (b"SEND\ndestination:/q\n\nhi\0", FRAME, "stomp"),
        (b"SEND\ndestination:/q\n\nhi", FRAME, "text"),
        (b"SEND\ndestination:/q\n\nhi\0", Context(), "hex"),
        (b"HELLO\na:b\n\n\0", FRAME, "hex"),
        (b"\n", STOMP, "stomp"),
        (json.dumps(SUBSCRIBE).encode(), FRAME, "graphql"),
        (json.dumps(SUBSCRIBE).encode(), Context(), "json"),
        (b'{"type":"ping"}', FRAME, "json"),
        (b'{"type":"ping"}', GRAPHQL, "graphql"),
        (b'{"type":"subscribe","id":1,"payload":{"query":5}}', FRAME, "json"),
    ],
)
def test_only_sure_signs_count(data: bytes, context: Context, decoder: str) -> None:
    assert decode(data, context).decoder == decoder


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"2", "Engine.IO ping"),
        (b"2probe", "Engine.IO ping\nprobe"),
        (b'0{"sid":"x"}', 'Engine.IO open\n{\n  "sid": "x"\n}'),
        (b"40", "Socket.IO CONNECT\nnamespace    /"),
        (b"41/admin,", "Socket.IO DISCONNECT\nnamespace    /admin"),
        (b"41/admin", "Socket.IO DISCONNECT\nnamespace    /admin"),
        (
            b'4213["chat","hi",{"a":1}]',
            "Socket.IO EVENT\nnamespace    /\nid           13\nevent        chat\n"
            '[\n  "hi",\n  {\n    "a": 1\n  }\n]',
        ),
        (b'42["alone"]', "Socket.IO EVENT\nnamespace    /\nevent        alone"),
        (b"43/a,7[true]", "Socket.IO ACK\nnamespace    /a\nanswers      7\n[\n  true\n]"),
        (
            b'451-["f",{"_placeholder":true,"num":0}]',
            "Socket.IO BINARY_EVENT\nnamespace    /\nattachments  1 (in the binary frames that follow)\n"
            'event        f\n[\n  {\n    "_placeholder": true,\n    "num": 0\n  }\n]',
        ),
        (b"4hello", "Engine.IO message\nhello"),
    ],
)
def test_socket_io(data: bytes, text: str) -> None:
    assert SocketIo().decode(data, FRAME) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"CONNECT\naccept-version:1.2\nhost:lab\n\n\0", "CONNECT\n  accept-version: 1.2\n  host: lab"),
        (
            b'MESSAGE\r\nmessage-id:1\r\na\\cb:x\\ny\r\n\r\n{"v":1}\0\n',
            'MESSAGE\n  message-id: 1\n  a:b: x\ny\n\n{\n  "v": 1\n}',
        ),
        (b"SEND\ncontent-length:3\n\na\0b\0", "SEND\n  content-length: 3\n\na\0b"),
        (b"SEND\ncontent-length:99\n\nab\0", "SEND\n  content-length: 99\n\nab"),
        (b"SEND\na:b\n\n\xff\xfe\0", "SEND\n  a: b\n\nff fe"),
        (b"ACK\nid:1\n\n\0\nACK\nid:2\n\n\0", "ACK\n  id: 1\n\nACK\n  id: 2"),
        (b"\r\n", "heart-beat"),
    ],
)
def test_stomp(data: bytes, text: str) -> None:
    assert Stomp().decode(data, STOMP) == text


def test_graphql() -> None:
    shown = GraphQl().decode(json.dumps(SUBSCRIBE).encode(), GRAPHQL)
    assert shown == (
        'subscribe  id "7"\n\nsubscription Temp($site: ID!) {\n  temp(site: $site)\n}\n\n'
        '{\n  "variables": {\n    "site": "lab"\n  }\n}'
    )
    result = b'{"type":"next","id":"7","payload":{"data":{"temp":21.4}}}'
    assert GraphQl().decode(result, GRAPHQL).startswith('next  id "7"\n\n{\n  "data"')
    assert GraphQl().decode(b'{"type":"complete","id":"7"}', GRAPHQL) == 'complete  id "7"'
    assert GraphQl().decode(b'{"type":"ka","x":[1]}', GRAPHQL) == 'ka\n\n{\n  "x": [\n    1\n  ]\n}'


def test_graphql_keeps_the_spelling_of_what_it_lays_out() -> None:
    said = b' { "type" : "next" , "id" : "\\u0037" , "payload" : {"a": 1.50, "a": 1E+2, "b": "\\u00e4"} } '
    assert GraphQl().decode(said, GRAPHQL) == (
        'next  id "\\u0037"\n\n{\n  "a": 1.50,\n  "a": 1E+2,\n  "b": "\\u00e4"\n}'
    )
    asked = b'{"type":"start","id":1,"payload":{"query":" {a} ","variables":{"x":0.10},"operationName":null}}'
    assert (
        GraphQl().decode(asked, FRAME) == 'start  id 1\n\n{a}\n\n{\n  "variables": {\n    "x": 0.10\n  }\n}'
    )


@pytest.mark.parametrize(
    "data",
    [
        *(
            b"{}",
            b"[]",
            b"",
            b'{"type":"next"',
            b'{"type":"next",}',
            b'{"type":"next"} x',
            b'{1:2,"type":"ka"}',
        ),
        *(b'{"type":"next","payload":NaN}', b'{"type":"next" "id":1}', b'{"type":"next","payload":}'),
        b'{"type":"next","payload":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"type":"subscribe","id":1,"payload":{"query":' + b'{"a":' * 9_000,
    ],
)
def test_no_message_of_graphql(data: bytes) -> None:
    assert decode(data, GRAPHQL).decoder != "graphql"
    with pytest.raises(ValueError):
        GraphQl().decode(data, GRAPHQL)


def test_thousands_of_frames_in_one_message() -> None:
    frames = b"ACK\nid:1\n\n\0\n" * 5_000
    assert Stomp().decode(frames, STOMP).count("ACK\n  id: 1") == 5_000
    acks = b"\n" * 30_000 + b"ACK\n\n\0" * 5_000
    assert decode(acks, STOMP).decoder == "stomp"


@pytest.mark.parametrize(
    "data",
    [
        b"4" * 60_000 + b"[",
        b"42" + b"/" * 60_000 + b"[",
        b"42[" + b"[" * 60_000,
        b"45" + b"1" * 60_000 + b'-["a"]',
        b"SEND\n" + b"a:b\n" * 15_000 + b"\n\0",
        b"SEND\n" + b"a" * 60_000,
        b'{"type":"subscribe","id":1,"payload":{"query":"' + b"\\n" * 30_000 + b'"}}',
        b"[" * 65_000,
    ],
)
@pytest.mark.parametrize("context", [FRAME, SOCKET_IO, STOMP, GRAPHQL])
def test_large_odd_payloads_are_shown_all_the_same(data: bytes, context: Context) -> None:
    assert decode(data * 2, context).text


@pytest.mark.parametrize("decoder", [SocketIo(), Stomp(), GraphQl()])
@pytest.mark.parametrize("complete", [True, False])
@given(
    data=st.one_of(
        st.binary(max_size=80),
        st.text('0123456[]{}",:/-a\\\n', max_size=40).map(str.encode),
        st.builds(
            lambda command, rest: command.encode() + rest, st.sampled_from(COMMANDS), st.binary(max_size=40)
        ),
        st.builds(
            lambda kind, more: b'{"type":"' + kind.encode() + b'",' + more,
            st.sampled_from(TYPES),
            st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join),
        ),
    )
)
def test_any_bytes_make_text_or_a_value_error(
    decoder: SocketIo | Stomp | GraphQl, complete: bool, data: bytes
) -> None:
    context = Context(frame=True, subprotocol="socket.io", complete=complete)
    decoder.priority(data, context)
    with contextlib.suppress(ValueError):
        assert isinstance(decoder.decode(data, context), str)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text("ab"), below, max_size=3),
    max_leaves=8,
)


@given(
    st.text("abc-", min_size=1),
    st.lists(values, max_size=3),
    st.none() | st.integers(0, 10**9),
    st.booleans(),
)
def test_every_argument_of_an_event_is_shown(
    event: str, arguments: list[object], ident: int | None, spaced: bool
) -> None:
    body = json.dumps([event, *arguments], separators=(", ", ": ") if spaced else (",", ":"))
    packet = f"42/ns,{'' if ident is None else ident}{body}".encode()
    assert decode(packet, FRAME).decoder == "socket.io"
    lines = SocketIo().decode(packet, FRAME).split("\n")
    assert f"event        {event}" in lines
    assert (f"id           {ident}" in lines) == (ident is not None)
    shown = "\n".join(lines[lines.index(f"event        {event}") + 1 :])
    assert (json.loads(shown) if shown else []) == arguments


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def escaped(text: str) -> str:
    for plain, code in (("\\", "\\\\"), ("\r", "\\r"), ("\n", "\\n"), (":", "\\c")):
        text = text.replace(plain, code)
    return text


@given(st.lists(st.tuples(texts.filter(bool), texts), max_size=4), texts)
def test_every_header_of_a_stomp_frame_is_shown(headers: list[tuple[str, str]], body: str) -> None:
    headers = [(name, value) for name, value in headers if name != "content-length"]
    lines = "".join(f"{escaped(name)}:{escaped(value)}\n" for name, value in headers)
    shown = Stomp().decode(f"SEND\n{lines}\n{body}\0".encode(), STOMP)
    expected = "\n".join(["SEND", *(f"  {name}: {value}" for name, value in headers)])
    assert shown.startswith(expected)
    assert not body or body[:1] in "{[" or shown == f"{expected}\n\n{body}"


@given(
    st.integers(0, 10**9),
    st.sampled_from([b"", b"/admin,", b"/a/b?c,"]),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_events_and_their_acknowledgements_know_each_other(
    ident: int, namespace: bytes, sent: int, returned: int
) -> None:
    rest = namespace + str(ident).encode() + b'["x"]'
    event = (b"45%d-" % sent if sent else b"42") + rest
    answer = (b"46%d-" % returned if returned else b"43") + rest
    for data, partner, asks in ((event, answer, True), (answer, event, False)):
        found = partners_of(data)
        assert found is not None
        assert found[0] is asks
        assert any(partner.startswith(head) for head in found[1])
        assert not any(data.startswith(head) for head in found[1])


@given(st.binary(max_size=60) | st.text("0123456[]/,-a").map(str.encode))
def test_any_bytes_are_looked_at_for_an_acknowledgement(data: bytes) -> None:
    found = partners_of(data)
    assert found is None or data[:1] == b"4"
