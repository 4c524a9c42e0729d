"""The payload in a real tmux over a real broker: folds, changes, copies, a filter from a value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.mosquitto import Mosquitto
from tests.support.wait import until
from tests.terminal.test_copying import buffer
from tests.terminal.test_keys import app, publish

pytestmark = pytest.mark.mosquitto

FIRST = '{"value": 21.4, "sensor": {"id": 7, "place": "roof"}, "unit": "C"}'
SECOND = '{"value": 22.0, "sensor": {"id": 7, "place": "roof"}, "unit": "C"}'


@pytest.mark.parametrize(("columns", "rows"), [(120, 40), (80, 24), (60, 20)])
def test_a_value_is_found_copied_and_filtered_for(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path, columns: int, rows: int
) -> None:
    broker = start_mosquitto()
    with app(broker, tmp_path, columns=columns, rows=rows) as terminal:
        publish(broker, "site/7/temp", FIRST)
        publish(broker, "site/8/temp", "other")
        publish(broker, "site/7/temp", SECOND)
        terminal.wait_for("22.0")
        terminal.keys("3")
        terminal.keys("Enter")
        terminal.wait_for("was 21.4  (+0.6)")
        terminal.keys("j")
        terminal.keys("j")
        terminal.wait_for('›  "sensor": {')
        terminal.keys("Enter")
        terminal.wait_for('"sensor": { … 3 lines },')
        terminal.keys("y")
        until(lambda: buffer(terminal) == '{\n  "id": 7,\n  "place": "roof"\n}', "the object")
        terminal.keys("j")
        terminal.keys("=")
        terminal.wait_for('topic == "site/7/temp" and .unit == "C"')
        terminal.keys("Enter")
        terminal.wait_for("2 of 3")
        terminal.keys("Enter")
        terminal.wait_for('"sensor": { … 3 lines },')
