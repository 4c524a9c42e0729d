"""Keys of one's own: which can be used, which clash, and that every hint shows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mqttx_tui.model.errors import InputError
from mqttx_tui.ui.key_names import character_of, key_name, parse_key, with_twins
from mqttx_tui.ui.keymap import DIALOG, PANE, SCREEN, WIDGET, Bound, Keymap, catalogue, settle
from mqttx_tui.ui.layouts import LISTS
from tests.settings.test_app import notices, settled
from tests.ui.bench_app import Bench

ALL = catalogue()
IDS = sorted({bound.identity for bound in ALL})


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("x", "x"),
        ("X", "X"),
        ("shift+x", "X"),
        (",", "comma"),
        ("?", "question_mark"),
        ("+", "plus"),
        (" ", "space"),
        ("Space", "space"),
        ("Del", "delete"),
        ("ESC", "escape"),
        ("PgUp", "pageup"),
        ("page_down", "pagedown"),
        ("F5", "f5"),
        ("^T", "ctrl+t"),
        ("Ctrl+T", "ctrl+t"),
        ("ctrl + t", "ctrl+t"),
        ("ctrl+i", "tab"),
        ("ctrl+m", "enter"),
        ("alt+x", "alt+x"),
        ("control+shift+up", "ctrl+shift+up"),
        ("question_mark", "question_mark"),
        ("←", "left"),
    ],
)
def test_a_key_is_read_as_people_write_it(written: str, key: str) -> None:
    assert parse_key(written) == key


@pytest.mark.parametrize("written", ["", "hyper+x", "F99", "delte", "ctrl+", "\x1b", "xy"])
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(InputError):
        parse_key(written)


def test_a_shown_key_is_read_back_as_itself() -> None:
    for bound in ALL:
        for key in bound.keys:
            assert parse_key(key_name(key)) == key


@hypothesis_settings(max_examples=200, deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    try:
        key = parse_key(text)
    except InputError:
        return
    assert key
    if text.isascii():
        assert parse_key(key) == key


def test_a_letter_and_a_panes_digit_have_their_stand_ins() -> None:
    assert with_twins(("x", "f5")) == ("x", "alt+x", "f5")
    assert with_twins(("3",), pane=True) == ("3", "pound_sign")
    assert with_twins(("3",)) == ("3",)


def test_every_binding_has_an_id_and_the_usual_keys_do_not_clash() -> None:
    assert len(IDS) > 100
    assert {bound.scope for bound in ALL} >= {SCREEN, *(PANE + name for name in ("messages", "topics"))}
    usual = {bound.identity: tuple(key_name(key) for key in bound.keys) for bound in ALL}
    for identity in ("exclude", "tree.sort", "list.up", "palette"):
        assert identity in usual


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"zoom": ("x",)}, "x is already exclude the topic; disconnect (exclude); both would act"),
        ({"tree.sort": ("x",)}, "x is already exclude"),
        ({"exclude": ("j",)}, "j is already "),
        ({"zoom": ("alt+x",)}, "is already exclude"),
        ({"send": ("S",)}, "S types a character: no such key ever publishes"),
        ({"step.back": ("b",)}, "b types a character, and this key acts inside fields too"),
        ({"exlude": ("X",)}, "no action has this id; did you mean exclude?"),
        ({"zoom": ("hyper+x",)}, "'hyper+x' is no key"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_usual_key_stays(
    wanted: dict[str, tuple[str, ...]], said: str
) -> None:
    chosen, refused = settle(wanted, ALL)
    assert chosen == {}
    assert [one.identity for one in refused] == list(wanted)
    assert said in refused[0].text


def test_keys_may_change_places_and_be_the_same_where_they_never_meet() -> None:
    swapped = {"match.next": ("N",), "match.previous": ("n",)}
    assert settle(swapped, ALL) == (swapped, [])
    apart = (
        Bound("one", ("a",), "one", PANE + "topics"),
        Bound("two", ("b",), "two", PANE + "messages"),
        Bound("three", ("c",), "three", DIALOG + "Confirm"),
        Bound("four", ("d",), "four", WIDGET + "Stream"),
    )
    same: dict[str, tuple[str, ...]] = {"one": ("z",), "two": ("z",), "three": ("z",)}
    assert settle(same, apart) == (same, [])
    chosen, refused = settle({"one": ("z",), "four": ("z",)}, apart)
    assert (dict(chosen), [one.identity for one in refused]) == ({"one": ("z",)}, ["four"])


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(IDS), st.sampled_from("abcdxyz,+?").map(lambda key: (key,)), max_size=6)
)
def test_what_is_left_never_clashes(wanted: dict[str, tuple[str, ...]]) -> None:
    chosen, refused = settle(wanted, ALL)
    assert set(chosen) | {one.identity for one in refused} == set(wanted)
    assert settle(chosen, ALL) == (chosen, [])
    for bound in ALL:
        if bound.action == "send" and bound.identity in chosen:
            assert not any(map(character_of, chosen[bound.identity]))


def test_without_keys_of_ones_own_nothing_is_looked_at() -> None:
    assert Keymap().shown("[ ]", "topics") == "[ ]"
    assert Keymap().name("exclude", "x") == "x"


async def test_another_key_acts_and_the_usual_one_does_not(tmp_path: Path) -> None:
    text = '[keys]\nzoom = "O"\n"pane.topics" = "8"\n"list.down" = ["w", "down"]\n"tree.sort" = "ctrl+t"\n'
    async with settled(tmp_path, text) as app:
        await app.feed([(f"site/{number}", b"1") for number in range(30)])
        await app.press("z")
        assert not app.app.main_screen.zoomed
        await app.press("O")
        assert app.app.main_screen.zoomed
        await app.press("alt+O")
        assert not app.app.main_screen.zoomed, "a quick Esc before it"
        await app.press("2")
        assert app.app.main_screen.active == "messages"
        await app.press("8")
        assert app.app.main_screen.active == "topics"
        await app.press("3", "•")
        assert app.app.main_screen.active == "topics", "a quick Esc and the digit in tmux"
        await app.press("t")
        assert "by name" in app.line("2 Topics" if "2 Topics" in "".join(app.lines) else "8 Topics")
        await app.press("ctrl+t")
        await app.tick()
        assert "by name" not in app.line("8 Topics")


async def test_hints_tabs_titles_palette_help_and_the_last_question_show_it(tmp_path: Path) -> None:
    text = '[keys]\nexclude = "K"\nback = "Q"\n"list.space" = "f7"\n"pane.messages" = "9"\ncommands = "W"\n'
    async with settled(tmp_path, text, size=(80, 24)) as app:
        await app.until(lambda: "Q quit" in app.lines[-1], "the footer shows the key")
        footer = app.lines[-1]
        assert "F7 pause" in footer
        assert "W" in footer
        assert "Space" not in footer
        assert "[9 Messages]" in app.lines[1]
        await app.press("question_mark")
        assert any("K  " in line and "exclude the topic" in line for line in _all_help(app))
        assert "You chose keys of your own" in "\n".join(_all_help(app))
        await app.press("escape", "Q")
        await app.until(lambda: "Q again quit" in app.lines[-1], "the question")
        await app.press("escape")
        commands = {command.title: command.help for command in app.app.get_system_commands(app.app.screen)}
        assert commands["Exclude the topic; disconnect"] == "key K"
    async with settled(tmp_path, text) as app:
        await app.until(lambda: "9 Messages" in "\n".join(app.lines), "the title shows the key")


def _all_help(app: Bench) -> list[str]:
    from textual.widgets import Static

    return str(app.app.screen.query_one(Static).content).splitlines()


async def test_a_clash_is_named_with_its_line_at_the_start(tmp_path: Path) -> None:
    async with settled(tmp_path, '[keys]\nzoom = "x"\nfollow = "F"\n') as app:
        said = notices(app)
        assert "settings.toml:2: keys.zoom: x is already exclude the topic" in said
        assert "its usual key stays" in said
        await app.press("z")
        assert app.app.main_screen.zoomed
        assert app.app.keymap_now.chosen == {"follow": ("F",)}


async def test_every_action_of_the_main_screen_can_have_another_key(tmp_path: Path) -> None:
    """Textual's own substitution, for every binding in reach of each pane."""
    main = {bound.identity for bound in ALL if bound.scope == SCREEN}
    async with settled(tmp_path, "") as app:
        screen = app.app.main_screen
        tried = set()
        for pane in LISTS:  # a field of the composer takes what is typed
            app.app.set_keymap({})
            screen.show_pane(pane)
            usual = {active.binding.id for active in screen.active_bindings.values()} & main
            for identity in sorted(str(name) for name in usual):
                app.app.set_keymap({identity: "ctrl+shift+f9"})
                found = screen.active_bindings.get("ctrl+shift+f9")
                assert found is not None, (identity, pane)
                assert found.binding.id == identity, (identity, pane)
                tried.add(identity)
        assert len(tried) > 25
