"""Placeholders of templates: what they become, and what is left alone."""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mqttx_tui
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import SavedMessage
from mqttx_tui.profiles.placeholders import Unset
from mqttx_tui.profiles.templates import NAMES, Sending, fill_variables, render, render_text
from mqttx_tui.ui.panes.composer import ComposerPane

SENDING = Sending(3, "bench-7", 1_795_262_400.25)


def test_each_placeholder() -> None:
    assert render_text("{{counter}} {{ client_id }} {{ timestamp }}", SENDING) == "3 bench-7 1795262400"
    assert render_text("{{ timestamp_ms }}", SENDING) == "1795262400250"
    assert datetime.fromisoformat(render_text("{{ now }}", SENDING)).timestamp() == SENDING.at
    assert uuid.UUID(render_text("{{ uuid }}", SENDING)).version == 4
    assert {render_text("{{ random 1 3 }}", SENDING) for _ in range(200)} == {"1", "2", "3"}
    assert render_text("{{ random -5 -5 }}", SENDING) == "-5"
    assert render_text("{{ \"{{\" }} x {{ '}' }}", SENDING) == "{{ x }"


def test_inside_json_the_first_pair_of_braces_closes_it() -> None:
    text = '{"a": {"b": {{ counter }}}}'
    assert json.loads(render_text(text, SENDING)) == {"a": {"b": 3}}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{{ countr }}", "line 1, column 1: there is no placeholder {{ countr }}", "counter"),
        ('{\n "a": {{ value_json.t }}}', "line 2, column 7: there is no placeholder", "known: now"),
        ("ab {{ now", "line 1, column 4: {{ is not closed by }}", ""),
        ("{{}}", "line 1, column 1: there is no placeholder {{}}", "known"),
        ("{{ random 1 }}", "line 1, column 1: random takes two whole numbers", "random 1 100"),
        ("{{ random 9 1 }}", "random: 9 is more than 1", "{{ random 1 9 }}"),
        ("{{ now 5 }}", "now takes no argument", ""),
    ],
)
def test_what_is_unknown_is_named_with_its_place(text: str, message: str, hint: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        render_text(text, SENDING)
    assert hint in caught.value.hint


def test_a_message_that_is_no_template_stays_as_it_is() -> None:
    jinja = SavedMessage("announce", "${T}", payload='"{{ value_json.temp }}"')
    assert fill_variables(jinja, {"T": "x"}) is jinja
    assert render(jinja, SENDING) is jinja


def test_topic_payload_and_properties_are_filled_in() -> None:
    message = SavedMessage(
        "ask",
        "req/${ROOM}",
        payload="${ROOM:-none} {{ counter }}",
        properties={"correlation_data": "{{ counter }}", "user": (("n", "{{ client_id }}"),)},
        template=True,
    )
    done = render(fill_variables(message, {"ROOM": "attic"}), SENDING)
    assert (done.topic, done.payload) == ("req/attic", "attic 3")
    assert done.properties == {"correlation_data": "3", "user": (("n", "bench-7"),)}
    with pytest.raises(Unset, match="ROOM"):
        fill_variables(message, {})


def test_every_placeholder_is_told_in_the_help_and_the_docs() -> None:
    docs = (Path(mqttx_tui.__file__).parent.parent / "docs" / "messages.md").read_text()
    for name in NAMES:
        for text in (docs, ComposerPane.PANE_HELP):
            assert re.search(r"\{\{ " + name + r"( 1 100)? \}\}", text), name


@given(st.text())
def test_what_a_variable_holds_is_text(value: str) -> None:
    message = SavedMessage("m", "t", payload="<${V}>", template=True)
    assert render(fill_variables(message, {"V": value}), SENDING).payload == f"<{value}>"


@given(st.text(alphabet="{} \"'\nnowcounter019"))
def test_any_text_is_filled_in_or_refused_with_a_place(text: str) -> None:
    problem = ""
    try:
        render_text(text, SENDING)
    except InputError as error:
        problem = error.message
    assert re.match(r"line \d+, column \d+: |\Z", problem)
