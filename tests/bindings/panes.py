"""What the keys of the panes do."""

from __future__ import annotations

from mqttx_tui.ui.screens.connection_form import ConnectionForm
from tests.bindings.main_screen import inspected, numbered, opens, stream_rows, tab_moves
from tests.bindings.registry import Press, effects_of
from tests.ui.bench_app import Bench, snapshot

composer = effects_of("ComposerPane")
messages = effects_of("MessagesPane")
topics = effects_of("TopicsPane")
inspector = effects_of("InspectorPane")
connections = effects_of("ConnectionsPane")


@composer("composer.target", snapshots=[snapshot(), snapshot(id=2, key="lab", name="lab", letter="B")])
async def next_target(app: Bench, press: Press) -> None:
    await app.press("p")
    assert "→ A greenhouse" in app.line("5 Publish")
    await press()
    await app.until(lambda: "→ B lab" in app.line("5 Publish"), "the other connection")


@messages("stream.follow")
async def follows(app: Bench, press: Press) -> None:
    await app.feed(numbered(60))
    await app.press("home")
    assert "HELD" in app.line("3 Messages")
    await press()
    await app.until(lambda: "LIVE" in app.line("3 Messages"), "it follows")
    assert any("number 60" in row for row in stream_rows(app))


@topics("tree.sort")
async def sorts(app: Bench, press: Press) -> None:
    await app.feed([("a", b"1", 0), *numbered(3, "b")])
    await app.topics(2)
    await app.press("2", "end")

    def order() -> str:
        at = next(y for y, line in enumerate(app.lines) if "2 Topics" in line)
        return "".join(line.strip(" ›")[0] for line in app.lines[at + 1 : at + 3])

    assert order() == "ab"
    for name in ("rate", "count", "age", "name"):
        await press()
        await app.until(lambda name=name: f"by {name}" in app.line("2 Topics"), name)  # type: ignore[misc]
        if name == "count":
            await app.until(lambda: order() == "ba", "the busier topic first")
    await app.until(lambda: order() == "ab", "by name again, no row hidden above the page")


def tree_labels(app: Bench) -> list[str]:
    """The labels of the tree's rows, down to the first empty one."""
    at = app.app.main_screen.panes["topics"].region
    rows = [line[at.x : at.right].strip(" ›▾▸") for line in app.lines[at.y + 1 : at.bottom]]
    return [row.split()[0] for row in rows if row]


TREE = [("a/b/c", b"1", 0), ("d/e", b"1", 0)]


async def in_tree(app: Bench) -> None:
    await app.feed(TREE)
    await app.topics(2)
    await app.press("2", "home")
    await app.until(lambda: bool(tree_labels(app)), "the tree")


@topics("tree.collapse_all")
async def collapses_all(app: Bench, press: Press) -> None:
    await in_tree(app)
    await app.press("E")
    await app.until(lambda: tree_labels(app) == ["a", "b", "c", "d", "e"], "everything")
    await press()
    await app.until(lambda: tree_labels(app) == ["a", "d"], "only the top")


@topics("tree.expand_all")
async def expands_all(app: Bench, press: Press) -> None:
    await in_tree(app)
    await app.press("C")
    await app.until(lambda: tree_labels(app) == ["a", "d"], "only the top")
    await press()
    await app.until(lambda: tree_labels(app) == ["a", "b", "c", "d", "e"], "everything")


@topics("tree.expand")
async def expands_here(app: Bench, press: Press) -> None:
    await in_tree(app)
    await app.press("C", "home")
    await press()
    await app.until(lambda: tree_labels(app) == ["a", "b", "c", "d"], "what is below the cursor")


@topics("tree.collapse")
async def collapses_here(app: Bench, press: Press) -> None:
    await in_tree(app)
    await app.press("E", "home")
    await press()
    await app.until(lambda: tree_labels(app) == ["a", "d", "e"], "what is below the cursor")


@inspector("inspector.previous")
async def previous_tab(app: Bench, press: Press) -> None:
    await tab_moves(app, press, back=True, focus="4")


@inspector("inspector.next")
async def next_tab(app: Bench, press: Press) -> None:
    await tab_moves(app, press, back=False, focus="4")


@inspector("inspector.decoder")
async def next_decoder(app: Bench, press: Press) -> None:
    await app.feed([("site/set", b'{"v": 1}', 0)])
    await app.press("home", "4")
    before = inspected(app)
    assert any('"v": 1' in line for line in before)
    await press()
    await app.until(lambda: "b: json" in "\n".join(app.lines), "the decoder is the person's choice now")
    await press()
    await app.until(lambda: inspected(app) != before, "the payload, read by another decoder")


@connections("connection.add")
async def adds(app: Bench, press: Press) -> None:
    await app.press("1")
    await opens(app, press, ConnectionForm)
    assert any("mqtt://localhost:1883" in line for line in app.lines)


@connections("connection.copy", profiles=True)
async def duplicates(app: Bench, press: Press) -> None:
    await app.press("1", "end")
    await opens(app, press, ConnectionForm)
    assert any("Spare broker" in line for line in app.lines)
    assert any("mqtt://127.0.0.1:2" in line for line in app.lines)


@connections("connection.edit", profiles=True)
async def edits(app: Bench, press: Press) -> None:
    await app.press("1", "end")
    await opens(app, press, ConnectionForm)
    assert any("Spare broker" in line for line in app.lines)
