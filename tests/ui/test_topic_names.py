"""The packed names of the topic tree, against a plain dict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.capture.rows import TopicRow
from mqttx_tui.ui.topic_model import TopicModel
from mqttx_tui.ui.topic_names import NONE, TopicNames

LEVELS = st.one_of(st.sampled_from(["", "a", "b", "ab", "\0", "\ud800", "é"]), st.text(max_size=5))


def row(ident: int, name: str, *, count: int = 1, rate: float = 0.0) -> TopicRow:
    """A topic's statistics."""
    return TopicRow(ident, 1, name, count, 0, 1, ident, ident, None, rate, 1)


@given(st.lists(st.tuples(st.integers(0, 30), LEVELS), max_size=60))
def test_a_level_below_a_parent_is_one_node(wanted: list[tuple[int, str]]) -> None:
    names = TopicNames()
    known = {(NONE, ""): names.place(NONE, b"")}
    for parent, level in wanted:
        parent %= len(known)
        node = names.place(parent, level.encode("utf-8", "surrogatepass"))
        assert node == known.setdefault((parent, level), len(known))
    assert len(names) == len(known)
    for (parent, level), node in known.items():
        assert (names.parent[node], names.level(node)) == (parent, level)


def test_nodes_are_found_again_however_many_there_are() -> None:
    names = TopicNames()
    names.place(NONE, b"")
    levels = [b"%d" % (number * 7919 % 20_011) for number in range(20_000)]
    nodes = [names.place(0, level) for level in levels]
    assert nodes == list(range(1, 20_001))
    assert [names.place(0, level) for level in levels] == nodes
    assert [names.level(node).encode() for node in nodes] == levels


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map("/".join),
            st.integers(0, 50),
            st.sampled_from([0.0, 0.5, 2.0]),
        ),
        max_size=30,
    )
)
def test_a_topic_with_topics_below_counts_for_itself_too(seen: list[tuple[str, int, float]]) -> None:
    """Whichever comes first, and whatever changes then: a branch is the sum of what is below and its own."""
    model = TopicModel()
    idents: dict[str, int] = {}
    last: dict[str, tuple[int, float]] = {}
    for name, count, rate in seen:
        ident = idents.setdefault(name, len(idents) + 1)
        last[name] = count, rate
        model.apply([row(ident, name, count=count, rate=rate)])
    for name, ident in idents.items():
        node = model.node_for(ident)
        below = [last[each] for each in last if each == name or each.startswith(name + "/")]
        assert model.topic_name(node) == name
        assert model.count[node] == sum(count for count, _ in below)
        assert model.rate[node] == sum(rate for _, rate in below)


def test_a_topic_of_thirty_thousand_levels_is_taken() -> None:
    model = TopicModel()
    names = ["/" * 32_000 + "a", "/" * 32_000 + "b"]
    model.apply([row(1, names[0]), row(2, names[1])])
    assert [model.topic_name(model.node_for(ident)) for ident in (1, 2)] == names
    assert model.parent[model.node_for(1)] == model.parent[model.node_for(2)]
