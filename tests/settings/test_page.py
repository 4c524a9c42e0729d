"""docs/settings.md says what the settings, the themes and the bindings are."""

from __future__ import annotations

import tomllib

from mqttx_tui.profiles.settings_read import parse_settings
from mqttx_tui.ui.keymap import catalogue, settle
from scripts.settings_page import PAGE, page


def test_the_page_is_that_of_this_program() -> None:
    assert PAGE.read_text("utf-8") == page(), "python scripts/settings_page.py writes it anew"


def test_the_example_of_keys_can_be_used() -> None:
    text = PAGE.read_text("utf-8").split("## Keys")[1].split("```toml\n")[1].split("```")[0]
    assert tomllib.loads(text)
    keys = parse_settings(text.encode(), PAGE).settings.keys
    chosen, refused = settle(keys, catalogue())
    assert [one.text for one in refused] == []
    assert set(chosen) == set(keys)
