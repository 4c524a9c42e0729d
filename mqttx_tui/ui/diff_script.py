"""The shortest way from one list of lines to another, with a bound on the work. Pure."""

from __future__ import annotations

from collections.abc import Sequence

MOST_DIFFERENCES = 500
"""Beyond this many lines gone and come the middle counts as replaced: the work grows with their square."""


def matches(
    old: Sequence[str], new: Sequence[str], most: int = MOST_DIFFERENCES
) -> tuple[list[tuple[int, int]], bool]:
    """Pairs of equal lines (index in ``old``, index in ``new``), ascending; and whether there are no more.

    False: more than ``most`` lines differ, and only what is equal at both ends was paired (Myers 1986).
    """
    start, shorter = 0, min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle = _middle(old[start : len(old) - end], new[start : len(new) - end], most)
    pairs = [(at, at) for at in range(start)]
    pairs += [(start + a, start + b) for a, b in middle or ()]
    pairs += [(len(old) - at, len(new) - at) for at in range(end, 0, -1)]
    return pairs, middle is not None


def _middle(old: Sequence[str], new: Sequence[str], most: int) -> list[tuple[int, int]] | None:
    if not old or not new:
        return []
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    for distance in range(min(most, len(old) + len(new)) + 1):
        trace.append(dict(furthest))
        for diagonal in range(-distance, distance + 1, 2):
            down = diagonal == -distance or (
                diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1]
            )
            a = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            b = a - diagonal
            while a < len(old) and b < len(new) and old[a] == new[b]:
                a, b = a + 1, b + 1
            furthest[diagonal] = a
            if a >= len(old) and b >= len(new):
                return _walk_back(trace, len(old), len(new))
    return None


def _walk_back(trace: list[dict[int, int]], a: int, b: int) -> list[tuple[int, int]]:
    pairs = []
    for distance in range(len(trace) - 1, -1, -1):
        furthest = trace[distance]
        diagonal = a - b
        down = diagonal == -distance or (
            diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1]
        )
        before = diagonal + 1 if down else diagonal - 1
        a_before = furthest[before]
        b_before = a_before - before
        while a > max(a_before, 0) and b > max(b_before, 0):
            a, b = a - 1, b - 1
            pairs.append((a, b))
        a, b = a_before, b_before
    return pairs[::-1]
