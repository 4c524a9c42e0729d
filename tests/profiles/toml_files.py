"""Profile files in every style that TOML allows, cut into pieces whose owner is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from mqttx_tui.profiles import toml

KEYS = ("lab", "home", "living room", "broker.lab", "x-1", "ünï", "tls", "url")
COMMENTS = ("", " # plain", "  # with [brackets] and = and \"quotes'", "\t# 日本", " # a, ]")
TEXTS = (
    *('say "hi"', "C:\\pki\\ca.pem", "it's", "a # b", "[x]", "{}"),
    *("${HOME:-x}", "tab\there", "line\nbreak", "日本", "a\u2028b\x85c\x0bd"),
)


@dataclass
class Piece:
    """Some text of the file; ``owner`` is the connection that it belongs to, None: nobody's."""

    owner: str | None
    text: str


@dataclass
class File:
    """A generated file."""

    pieces: list[Piece]
    content: dict[str, Any]

    @property
    def text(self) -> str:
        """The whole file."""
        return "".join(piece.text for piece in self.pieces)


comments = st.sampled_from(COMMENTS)
filters = st.sampled_from(("#", "site/+/temp", "lab/#", "a b/ü", "$SYS/#", "x/[y]", 'q"uote'))
subscriptions = st.lists(
    st.one_of(filters, st.builds(lambda f, q: {"filter": f, "qos": q}, filters, st.integers(0, 2))),
    max_size=4,
    unique_by=lambda item: item if isinstance(item, str) else str(item["filter"]),
)
messages = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(("on", "off", "ping", "[m]")), "topic": st.sampled_from(("a/b", "c"))},
        optional={
            "payload": st.sampled_from((*TEXTS, '{"on": true}')),
            "retain": st.booleans(),
            "properties": st.just({"content_type": "text/plain"}),
        },
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda item: str(item["name"]),
)
tls = st.dictionaries(
    st.sampled_from(("ca", "cert", "key", "server_name")), st.sampled_from(TEXTS), min_size=1
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """A connection's table that makes a valid profile."""
    table: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {"url": st.sampled_from(("mqtts://h:8883", "mqtts://[::1]", "mqtts://h#x"))},
            optional={
                "name": st.sampled_from(TEXTS),
                "keepalive": st.sampled_from((30, "30s", "1m30s", 60)),
                "password": st.sampled_from(("pw", {"env": "PW"}, {"prompt": True}, {"command": 'pass "x"'})),
                "connect": st.booleans(),
                "subscriptions": subscriptions,
                "exclude": st.lists(filters, max_size=3),
                "headers": st.just({"X-Token": "${T}", "Cookie": "a=b"}),
                "tls": tls,
                "messages": messages,
                "will": st.just({"topic": "gone", "payload": "x", "qos": 1}),
            },
        )
    )
    names = draw(st.permutations(list(table)))
    return {name: table[name] for name in names}


@st.composite
def files(draw: st.DrawFn) -> File:
    """A valid file of one to four connections."""
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True))
    connections: dict[str, Any] = {key: draw(tables()) for key in keys}
    in_root = draw(st.sampled_from(("dotted", "inline", "none")))
    root = [key for key in keys if in_root != "none" and draw(st.booleans())]
    pieces = [Piece(None, "# my brokers\nschema = 1\n\n")]
    if in_root == "inline":
        pieces.append(Piece(None, "[connections]\n" + draw(separators())))
    for key in root:
        pieces += _root_pieces(draw, key, connections[key], in_root)
    defaults = "\n" + draw(separators()) + "[defaults]  # for all\nkeepalive = '20s'\n\n"
    blocks = [_blocks(draw, key, connections[key]) for key in keys if key not in root]
    pieces += [Piece(None, defaults), *_shuffled(draw, blocks)]
    if draw(st.booleans()):
        for piece in pieces:
            piece.text = piece.text.replace("\n", "\r\n")
    if draw(st.booleans()):
        pieces[-1].text = pieces[-1].text.rstrip("\r\n")
    return File(pieces, {"schema": 1, "connections": connections, "defaults": {"keepalive": "20s"}})


@st.composite
def separators(draw: st.DrawFn) -> str:
    """Comments and blank lines that are nobody's."""
    lines = st.sampled_from(("# a comment\n", "#[connections.no]\n", "\n"))
    return "".join(draw(st.lists(lines, max_size=3)))


def _root_pieces(draw: st.DrawFn, key: str, table: dict[str, Any], style: str) -> list[Piece]:
    """``connections.x.url = …`` lines, or ``x = { … }`` below ``[connections]``."""
    comment = draw(comments)
    if style == "inline":
        return [Piece(key, f"{toml.key(key)} = {toml.value(table)}{comment}\n")]
    path = ("connections", key)
    return [
        Piece(key, f"{toml.dotted((*path, name))} = {_value(draw, item)}{comment}\n")
        for name, item in table.items()
    ]


def _value(draw: st.DrawFn, value: Any) -> str:
    """A value; arrays sometimes over lines, with comments and a comma at the end."""
    if not isinstance(value, list) or not value or draw(st.booleans()):
        return toml.value(value)
    indent, comma = draw(st.sampled_from(("", "  ", "\t"))), draw(st.booleans())
    lines = []
    for index, item in enumerate(value):
        more = "," if comma or index < len(value) - 1 else ""
        lines.append(f"{indent}{toml.value(item)}{more}{draw(comments)}\n")
    opening = " # first\n" if draw(st.booleans()) else "\n"
    return f"[{opening}{''.join(lines)}{indent}]"


def _blocks(draw: st.DrawFn, key: str, table: dict[str, Any]) -> list[list[Piece]]:
    """Groups of pieces of one connection; the order within a group is fixed."""
    main = f"[{toml.dotted(('connections', key))}]{draw(comments)}\n"
    groups: list[list[Piece]] = []
    for name, item in table.items():
        path = ("connections", key, name)
        if name == "messages" and draw(st.booleans()):
            parts = [_block(draw, f"[[ {toml.dotted(path)} ]]", below) for below in item]
            groups.append([Piece(key, part) for part in parts])
        elif isinstance(item, dict) and name != "password" and draw(st.booleans()):
            if draw(st.booleans()):
                groups.append([Piece(key, _block(draw, f"[{toml.dotted(path)}]", item))])
            else:
                for below, found in item.items():
                    main += f"  {toml.dotted((name, below))} = {toml.value(found)}{draw(comments)}\n"
        else:
            main += draw(st.sampled_from(("", "", "# about what follows\n", "\n")))
            main += f"{toml.key(name)}  =  {_value(draw, item)}{draw(comments)}\n"
    groups.append([Piece(key, main + "\n")])
    return groups


def _block(draw: st.DrawFn, header: str, table: dict[str, Any]) -> str:
    lines = [f"{toml.key(name)} = {_value(draw, item)}{draw(comments)}\n" for name, item in table.items()]
    ends = draw(st.sampled_from(("\n", "\n\n", "# of this table\n\n", "")))
    return f"{header}{draw(comments)}\n{''.join(lines)}{ends}"


def _shuffled(draw: st.DrawFn, blocks: list[list[list[Piece]]]) -> list[Piece]:
    """All groups of all connections in any order, between some of them a comment of nobody's."""
    groups = draw(st.permutations([group for groups in blocks for group in groups]))
    pieces: list[Piece] = []
    for piece in (piece for group in groups for piece in group):
        pieces.append(piece)
        if piece.text.endswith("\n\n") and draw(st.booleans()):
            nobodys = st.sampled_from(("# nobody's\n", "# nobody's\n\n", "#[x]\n#y\n"))
            pieces.append(Piece(None, draw(nobodys)))
    return pieces
