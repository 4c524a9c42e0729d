"""The filter and the narrowing of the stream, and the scan that finds their messages.

The filter language is loaded when the first filter is typed: the first frame does without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mqttx_tui.ui.seeking import Seeking
from mqttx_tui.ui.stream_model import StreamModel
from mqttx_tui.ui.workspace import Narrowing

if TYPE_CHECKING:
    from mqttx_tui.capture.filters import Filter
    from mqttx_tui.capture.filters.moments import Context
    from mqttx_tui.capture.filters.remote import AnyScan
    from mqttx_tui.capture.filters.spare import Spare


class Finding:
    """What the stream is reduced to. Without filter and narrowing it shows everything."""

    def __init__(self, model: StreamModel) -> None:
        self._model = model
        self._path = ""
        self._scan: AnyScan | None = None
        self._waits: Spare | None = None
        self._revision = -1
        self.wanted: Filter | None = None
        self.narrowing: Narrowing | None = None
        self.seeking = Seeking(model, self._scan_for)

    @property
    def text(self) -> str:
        """The filter in force, as written."""
        return self.wanted.text if self.wanted is not None else ""

    @property
    def active(self) -> bool:
        """Whether anything is left out."""
        return self.wanted is not None or self.narrowing is not None

    @property
    def looking(self) -> bool:
        """Whether there may be matches that are not shown yet."""
        if self._scan is None:
            return False
        progress = self._scan.progress()
        return not progress.error and (not progress.done or self._scan.revision != self._revision)

    def read(self, path: str) -> None:
        """The capture's file, once there is one."""
        if path != self._path:
            self._path = path
            self._start()

    def use(self, text: str) -> bool:
        """Put a filter in force; False when it cannot be read: the former one stays then."""
        from mqttx_tui.capture.filters import FilterError, parse

        try:
            wanted = parse(text) if text.strip() else None
        except FilterError:
            return False
        if wanted is not None and wanted.empty:
            wanted = None
        if wanted != self.wanted:
            self.wanted = wanted
            self._start()
        return True

    def narrow(self, narrowing: Narrowing | None) -> None:
        """Show a subtree only, or everything again."""
        if narrowing != self.narrowing:
            self.narrowing = narrowing
            self._start()

    def mark_set(self) -> None:
        """There is a newer mark: look again where the filter asks about it."""
        if "mark" in self.text:
            self._start()

    def context(self) -> Context:
        """What times in a filter refer to now."""
        from mqttx_tui.capture.filters.moments import context_now

        mark = self._model.marks.newest
        return context_now(self._model.newest_at(), mark.at if mark is not None else None)

    def seek_on(self) -> None:
        """n goes through the matches of the filter in force from now on."""
        if self.wanted is not None:
            self.seeking.use(self.wanted)

    def _start(self) -> None:
        self.close()
        if not self.active or not self._path:
            self._model.show_picked(None)
            return
        from mqttx_tui.capture.filters import parse

        self._revision = -1
        self._scan = self._scan_for(self.wanted if self.wanted is not None else parse(""))
        self._model.show_picked(self._scan.ids())

    def _scan_for(self, wanted: Filter) -> AnyScan:
        """A pattern may go on for ever over some payload: such a scan gets a process of its own."""
        from mqttx_tui.capture.filters.nodes import has_pattern
        from mqttx_tui.capture.filters.remote import RemoteScan
        from mqttx_tui.capture.filters.scan import Scan
        from mqttx_tui.capture.filters.topicsets import Subtree
        from mqttx_tui.wire.properties import decode_properties

        within = None
        if self.narrowing is not None:
            within = Subtree(self.narrowing.connection or None, self.narrowing.topic or None)
        if has_pattern(wanted.node):
            return RemoteScan(self._spare().take, self._path, wanted, within=within, context=self.context())
        return Scan(
            self._path, wanted, within=within, context=self.context(), decode_properties=decode_properties
        )

    def _spare(self) -> Spare:
        if self._waits is None:
            from mqttx_tui.capture.filters.spare import Spare
            from mqttx_tui.ui.filter_process import COMMAND

            self._waits = Spare(COMMAND)
        return self._waits

    def typing(self, begun: bool) -> None:
        """Whether a filter is typed: a process waits meanwhile for the first pattern."""
        if begun:
            self._spare().keep()
        elif self._waits is not None:
            self._waits.drop()

    def sync(self) -> None:
        """Take over what the scan found."""
        scan = self._scan
        if scan is not None and scan.revision != self._revision:
            self._revision = scan.revision
            self._model.show_picked(scan.ids())

    def poke(self) -> None:
        """New messages came."""
        if self._scan is not None:
            self._scan.poke()

    def counts(self) -> str:
        """``8,412 of 1,000,000``, with the share looked through while the scan runs."""
        if self._scan is None:
            return ""
        progress = self._scan.progress()
        if progress.error:
            return progress.error
        text = f"{progress.matched:,} of {progress.total:,}"
        if not progress.done and progress.total:
            text += f" · {progress.scanned * 100 // progress.total:>2} %"
        return text

    def close(self) -> None:
        """End the scan."""
        if self._scan is not None:
            self._scan.cancel()
            self._scan = None
        self.seeking.close()
