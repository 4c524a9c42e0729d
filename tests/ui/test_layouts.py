"""Where everything stands, at every size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.ui.layouts import PANES, Box, Kind, View, frame, kind_for


def cells(box: Box) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box.x, box.x + box.width) for y in range(box.y, box.y + box.height)}


@given(
    st.integers(10, 220),
    st.integers(4, 70),
    st.sampled_from(PANES),
    st.booleans(),
    st.integers(0, 40),
)
def test_parts_fill_the_screen_and_never_overlap(
    width: int, height: int, active: str, zoomed: bool, rows: int
) -> None:
    found = frame(width, height, View(active, zoomed, rows))
    taken: set[tuple[int, int]] = set()
    for name, box in found.boxes.items():
        mine = cells(box)
        assert box.width > 0
        assert box.height > 0, name
        assert not taken & mine, name
        taken |= mine
    assert taken == cells(Box(0, 0, width, height))
    if found.kind is not Kind.LINE:
        assert found.shows(active)


@pytest.mark.parametrize(
    ("width", "height", "kind"),
    [
        (180, 45, Kind.WIDE),
        (160, 40, Kind.WIDE),
        (120, 40, Kind.TALL),
        (120, 24, Kind.SMALL),
        (80, 24, Kind.SMALL),
        (60, 20, Kind.TINY),
        (49, 20, Kind.BARE),
        (60, 11, Kind.BARE),
        (29, 20, Kind.LINE),
        (60, 5, Kind.LINE),
    ],
)
def test_which_layout_a_size_gets(width: int, height: int, kind: Kind) -> None:
    assert kind_for(width, height) is kind


def test_120x40_is_38_and_81_columns_with_two_lines_for_publish() -> None:
    boxes = frame(120, 40, View(connection_rows=6)).boxes
    assert boxes["connections"] == Box(0, 1, 38, 7)
    assert boxes["topics"] == Box(0, 8, 38, 28)
    assert boxes["messages"].x == 39
    assert boxes["messages"].width == boxes["inspector"].width == 81
    assert boxes["composer"] == Box(0, 36, 120, 2)


def test_the_inspector_stands_beside_the_stream_from_160_columns() -> None:
    boxes = frame(160, 45, View()).boxes
    assert boxes["inspector"].y == boxes["messages"].y
    assert boxes["inspector"].width >= 60


def test_the_header_stays_in_place_when_another_pane_is_active() -> None:
    for name in PANES:
        boxes = frame(120, 40, View(active=name)).boxes
        assert boxes["header"] == Box(0, 0, 120, 1)
        assert boxes["footer"] == Box(0, 39, 120, 1)
