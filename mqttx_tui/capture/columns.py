"""Columns of 64-bit numbers in mappings of their own: eight that grow in turn leave no holes in the heap.

An array that grows leaves what it was between things that stay: a third of the heap, with eight of them.
Pages of a mapping take memory once something is written there; items are read and written as fast as an
array's, or faster.
"""

from __future__ import annotations

import mmap

_ITEM = 8


def integers(items: int, former: memoryview[int] | None = None) -> memoryview[int]:
    """So many signed integers, at least one: those of ``former``, which has no more, and then zeros."""
    fresh = _mapping(items).cast("q")
    if former is not None:
        fresh[: len(former)] = former
    return fresh


def floats(items: int, former: memoryview[float] | None = None) -> memoryview[float]:
    """The same of floating-point numbers."""
    fresh = _mapping(items).cast("d")
    if former is not None:
        fresh[: len(former)] = former
    return fresh


def _mapping(items: int) -> memoryview:
    """It is given back when nothing refers to it any more."""
    return memoryview(mmap.mmap(-1, _ITEM * items, access=mmap.ACCESS_COPY))
