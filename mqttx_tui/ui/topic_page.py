"""After a sort the page on screen is put in order first; all other rows follow. No widgets.

A sort moves whole branches and leaves their lengths as they are. So the rows of a page are final as
soon as the branches are in order that the page shows children of, and those that these are below:
the rest may stand in its former order meanwhile, in the places that it keeps.
"""

from __future__ import annotations

from array import array

from mqttx_tui.ui.topic_model import NONE, TopicModel
from mqttx_tui.ui.topic_order import RUN, Steps

DEEPEST = 64
"""Pages that are further down wait for the whole order."""


def page_first(
    topics: TopicModel, anchor: int, line: int, last_top: int, height: int
) -> Steps[array[int] | None]:
    """The rows that there are, in an order that is final on the page; None where it is too far down.

    ``anchor`` is the node that stays on ``line`` of the page, as far as the page does not begin below
    ``last_top``; with ``NONE`` the page begins at row ``-line``.
    """
    page, row = _Page(topics), 0
    rows, parents = page.rows, topics.parent
    if anchor != NONE:
        if not (yield from page.bring(parents[anchor])):
            return None
        row = rows.index(anchor, page.begins[parents[anchor]])
    first = max(0, min(row - line, last_top))
    at = first
    while at < min(first + height, len(rows)):
        parent = parents[rows[at]]
        if parent in page.begins:
            at += 1
        elif (yield from page.bring(parent)):
            at = first
        else:
            return None
    return rows


class _Page:
    """``rows``, of which more and more are in order."""

    def __init__(self, topics: TopicModel) -> None:
        self._topics = topics
        self.rows = topics.rows[:]
        self.begins = {0: 0}
        """The branches that are in order, and the rows at which what is below them begins, for good."""

    def bring(self, node: int) -> Steps[bool]:
        """Put the children of a node in order, after those of all above it; False when that is much."""
        path: list[int] = []
        while node != NONE:
            path.append(node)
            if len(path) > DEEPEST:
                return False
            node = self._topics.parent[node]
        for number in range(len(path) - 2, -1, -1):
            if path[number] not in self.begins:
                yield from self._rearrange(path[number], path[number + 1 :])
        return True

    def _rearrange(self, parent: int, above: list[int]) -> Steps[None]:
        """Put the children of one node, each with what is below it, in order."""
        topics, rows = self._topics, self.rows
        start = self.begins[above[0]]
        if topics.is_connection(rows[0]) or not topics.is_connection(parent):
            start = rows.index(parent, start) + 1
        self.begins[parent] = start
        if topics.next_sibling[topics.first_child[parent]] == NONE:
            return
        starts, end = yield from self._children(start, parent, frozenset(above))
        order = yield from topics.ordered(parent)
        if len(starts) == len(order) == end - start:
            rows[start:end] = array("i", order)
            return
        spans = zip(starts, [*starts[1:], end], strict=True)
        span_of = {rows[begin]: (begin, stop) for begin, stop in spans}
        found = array("i")
        for number, child in enumerate(order):
            if (span := span_of.get(child)) is not None:
                found.extend(rows[span[0] : span[1]])
            if not number % RUN:
                yield
        rows[start:end] = found

    def _children(self, start: int, parent: int, above: frozenset[int]) -> Steps[tuple[list[int], int]]:
        """The rows of the children of ``parent``, whose first is ``start``, and where its branch ends."""
        parents, rows = self._topics.parent, self.rows
        starts: list[int] = []
        for begin in range(start, len(rows), RUN):
            for row, found in enumerate(map(parents.__getitem__, rows[begin : begin + RUN]), begin):
                if found == parent:
                    starts.append(row)
                elif found in above:
                    return starts, row
            yield
        return starts, len(rows)
