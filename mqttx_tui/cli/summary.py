"""What a command says at its end of everything that it did not hand on or keep."""

from __future__ import annotations

from mqttx_tui.model.state import EngineCounters


def summary(counters: EngineCounters, *, recorded: bool) -> list[str]:
    """A line for each count that is not 0. ``recorded``: a capture was asked for, so that what made
    room in it matters."""
    connections = counters.connections.values()
    said = [
        (counters.lost, "were received and could not be written"),
        (counters.excluded, "were left out, as asked (exclude, -T, -R, --where)"),
        (
            counters.evicted if recorded else 0,
            "were deleted again, the oldest ones: the disk or the limit is full",
        ),
    ]
    lines = [f"{_messages(number)} {text}" for number, text in said if number]
    if paused := counters.paused_seconds:
        lines.append(
            f"reading was paused for {max(paused, 0.1):.1f} s, because the file or the reader of stdout"
            " was behind: a broker may have dropped QoS 0 messages"
        )
    if large := sum(each.too_large for each in connections):
        lines.append(f"{large} of what came was over max_packet and was not taken")
    if recorded and counters.other_topics:
        lines.append(
            f"there were more than {counters.limit_topics:,} topics: messages of the others are in the file,"
            " counts by topic are not"
        )
    return lines


def _messages(number: int) -> str:
    return f"{number} message{'' if number == 1 else 's'}"
