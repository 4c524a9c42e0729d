"""Where a flood comes from."""

from __future__ import annotations

from mqttx_tui.ui.noise import Noise, noisiest


def test_the_deepest_subtree_with_most_messages() -> None:
    topics = [(1, f"site/noisy/{number}") for number in range(98)] + [(1, "site/7/temp"), (2, "trade")]
    assert noisiest(topics) == Noise(1, "site/noisy", True, 98)
    assert noisiest(topics).filter == "site/noisy/#"  # type: ignore[union-attr]


def test_one_topic() -> None:
    assert noisiest([(1, "a/b")] * 9 + [(1, "a/c")]) == Noise(1, "a/b", False, 90)


def test_nothing_stands_out() -> None:
    assert noisiest([]) is None
    assert noisiest([(1, "a"), (1, "b"), (1, "c")]) is None
