"""Themes: complete, readable, and a broken one is named and skipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from mqttx_tui.model.errors import InputError
from mqttx_tui.ui.theme import (
    LETTER_COLORS,
    MEANINGS,
    SIXTEEN_COLORS,
    all_themes,
    find_theme,
    load_theme,
    theme_directory,
)

THEMES, BROKEN = all_themes()
NAMES = [theme.name for theme in THEMES]
COLORED = [theme for theme in THEMES if not theme.ansi]
READ = ("text", "strong", "in", "out", "retained", "value", "good", "busy", "bad")
DARK = (theme_directory() / "dark.toml").read_text()


def luminance(color: Color) -> float:
    """Relative luminance, WCAG 2.1."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.03928 else float(((share + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.1: 1 to 21."""
    light, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_ours_and_those_that_people_know_are_there() -> None:
    assert BROKEN == []
    assert {"mqttx-dark", "mqttx-light", "high-contrast", "ansi"} <= set(NAMES)
    assert {"nord", "gruvbox", "dracula", "catppuccin-mocha", "solarized-light", "tokyo-night"} <= set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("theme", COLORED, ids=lambda theme: theme.name)
def test_everything_can_be_read(theme: Theme) -> None:
    colors = theme.variables
    background, bar, cursor = str(theme.background), colors["mq-bar"], colors["mq-cursor"]
    grounds = (background, bar, str(theme.surface))
    least = 7.0 if theme.name == "high-contrast" else 4.5
    for name in READ:
        for ground in grounds:
            assert contrast(colors[f"mq-{name}"], ground) >= 4.5, (name, ground)
    for name in ("text", "strong"):
        assert contrast(colors[f"mq-{name}"], cursor) >= 4.5, name
    assert contrast(colors["mq-text"], background) >= least
    assert contrast(colors["mq-text"], colors["mq-field"]) >= 4.5
    for ground in (background, bar, cursor):
        assert contrast(colors["mq-dim"], ground) >= 3, ground
    for number in range(LETTER_COLORS):
        assert contrast(colors[f"mq-letter-{number}"], background) >= 4.5, number
    assert contrast(cursor, background) >= 1.15, "the row under the cursor is seen"


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_meaning_has_a_colour_and_no_colour_two_directions(theme: Theme) -> None:
    colors = theme.variables
    assert {f"mq-{meaning}" for meaning in MEANINGS} <= set(colors)
    assert len({colors["mq-in"], colors["mq-out"], colors["mq-bad"], colors["mq-retained"]}) == 4


def test_the_theme_of_16_colours_has_no_others() -> None:
    theme = find_theme(SIXTEEN_COLORS)
    assert theme is not None
    assert theme.ansi
    for name, color in theme.variables.items():
        if not name.endswith("text-style"):
            assert color.startswith("ansi_"), name


def test_a_theme_is_found_by_its_name_its_short_name_and_in_ones_own_directory(tmp_path: Path) -> None:
    light, nord = find_theme("light"), find_theme("nord")
    assert light is not None
    assert light.name == "mqttx-light"
    assert find_theme("mqttx-light") == light
    assert nord is not None
    assert find_theme("nothing like it") is None
    assert find_theme("../themes/nord") is None
    (tmp_path / "mine.toml").write_text(DARK.replace("mqttx-dark", "mine"))
    (tmp_path / "nord.toml").write_text(DARK.replace("mqttx-dark", "nord"))
    mine, own_nord = find_theme("mine", tmp_path), find_theme("nord", tmp_path)
    assert mine is not None
    assert own_nord is not None
    assert own_nord.background != nord.background
    own = {theme.name: theme for theme in all_themes(tmp_path)[0]}
    assert own["nord"].background == own_nord.background
    assert "mine" in own


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('dim = "#', 'gone = "#', r"odd\.toml:17: meaning\.dim is missing"),
        ('in = "#58a6ff"', 'in = "blueish"', r"odd\.toml:24: meaning\.in needs a colour such as"),
        ('in = "#58a6ff"', "in = 7", r"odd\.toml:24: meaning\.in needs a colour"),
        ('in = "#58a6ff"', 'in = "ansi_blue"', "needs ansi = true"),
        ("dark = true", "dark = 'yes'", r"odd\.toml:3: dark is true or false"),
        ("[letters]", "[letter]", r"letters is missing"),
        ('name = "mqttx-dark"', 'name = "../x"', r"odd\.toml:2: name needs letters"),
        ("[base]", "[base", r"odd\.toml:5: not valid TOML"),
    ],
)
def test_a_broken_theme_is_named_by_file_line_and_what(
    before: str, after: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "odd.toml"
    assert before in DARK
    path.write_text(DARK.replace(before, after))
    with pytest.raises(InputError, match=said):
        load_theme(path)
    themes, broken = all_themes(tmp_path)
    assert [theme.name for theme in themes] == NAMES
    assert len(broken) == 1
    assert find_theme("odd", tmp_path) is None


def test_what_is_no_file_and_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").mkdir()
    (tmp_path / "b.toml").write_bytes(b"name = '\xff'")
    assert len(all_themes(tmp_path)[1]) == 2
    assert all_themes(tmp_path / "none")[1] == []
