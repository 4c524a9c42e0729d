"""The numbers of a chart as CSV (RFC 4180). Pure."""

from __future__ import annotations

import csv
import io
import time

from mqttx_tui.ui.chart_series import Stretch


def csv_of(path: str, stretch: Stretch) -> str:
    """A line for each number: local time with its offset (ISO 8601, microseconds), and the number."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(("time", path))
    for at, number in zip(stretch.at, stretch.number, strict=True):
        seconds, rest = divmod(at, 1_000_000_000)
        moment = time.localtime(seconds)
        offset = time.strftime("%z", moment)
        clock = time.strftime("%Y-%m-%dT%H:%M:%S", moment)
        rows.writerow((f"{clock}.{rest // 1000:06d}{offset[:3]}:{offset[3:5]}", repr(number)))
    return out.getvalue()
