"""Keys while traffic arrives: ``python -m benchmarks.keys [SECONDS]``.

A person's session is played in a real pty of 120x40 while 20,000 messages a second arrive: type a filter,
go to the top, open ten messages, fold JSON, publish, follow again, and from the beginning.

How a change is told from what traffic paints: every key has an effect that traffic never has, a statement
about the text on screen such as "the cursor's mark stands on row 5", "the field reads flood/7" or "the
footer is the inspector's". It must be false before the key's bytes are written into the pty, and the time
counts until the first byte read after which it is true. So a frame of traffic is no answer, and an answer
that is not painted is a lost key. Keys come at a person's pace, at moments that no timer of the app knows.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.flood import Flood
from benchmarks.measured import cpu_seconds
from benchmarks.rows import Row, quick, record
from benchmarks.watched import Explored, Watched, explored
from tests.support.emulated import Screen

RATE = 20_000
PACE = 0.09
"""Seconds between two keys, at least: faster than 60 ms is a paste."""
JITTER = 0.06
FILTER = "flood/7"
FIRST, LEFT = 2, 39
"""Row of the stream's first line and column of its cursor mark at 120x40."""
SHARES = (1_000, 5_000, 20_000)

FIELD = re.compile(r"^ (topic|payload) ")

Holds = Callable[[Screen], bool]


def title_says(text: str) -> Holds:
    """The stream's title."""
    return lambda screen: text in screen.line(1)[LEFT:]


def title_lacks(text: str) -> Holds:
    """The stream's title does not say it."""
    return lambda screen: text not in screen.line(1)[LEFT:]


def footer_says(text: str) -> Holds:
    """The last row."""
    return lambda screen: text in screen.line(screen.rows - 1)


def field_reads(text: str) -> Holds:
    """The field of the filter."""
    return lambda screen: screen.line(1)[LEFT:].rstrip() == text


def cursor_on(row: int) -> Holds:
    """The mark of the stream's cursor stands on this row of the page, and on no other."""
    return lambda screen: screen.cells[FIRST + row][LEFT] == "›"


def offered(screen: Screen) -> bool:
    """Whether the list of what could be typed stands under the field."""
    return (
        screen.line(FIRST)[LEFT:].rstrip().endswith("Tab") or " Tab" in screen.line(FIRST)[LEFT : LEFT + 30]
    )


def other_fields(before: Screen) -> Holds:
    """Topic or payload of the composer read otherwise than now."""
    now = fields(before)
    return lambda screen: fields(screen) != now


def fields(screen: Screen) -> list[str]:
    """The composer's lines for topic and payload."""
    return [line.rstrip() for line in screen.lines() if FIELD.match(line)]


def shows(text: str) -> Holds:
    """Anywhere."""
    return lambda screen: screen.find(text) >= 0


def shows_not(text: str) -> Holds:
    """Nowhere."""
    return lambda screen: screen.find(text) < 0


@dataclass
class Player:
    """Plays keys and keeps how long each took."""

    terminal: Watched
    ends: float
    timeout: float = 5.0
    pace: float = PACE
    taken: list[tuple[str, float]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    _chance: random.Random = field(default_factory=lambda: random.Random(5))

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.ends

    def key(self, name: str, data: str, holds: Holds) -> None:
        """Press, wait for the change, and leave a person's pause."""
        if self.over:
            return
        began = time.monotonic()
        found = self.terminal.press(data.encode(), holds, self.timeout)
        if found is None:
            self.lost.append(name)
            print(f"{name} was not answered:\n" + "\n".join(self.terminal.screen.lines()[:4]))
        else:
            self.taken.append((name, found))
        pause = began + self.pace + self._chance.random() * JITTER - time.monotonic()
        time.sleep(max(pause, 0.03))

    def silent(self, data: str, pause: float = 0.15) -> None:
        """A key that changes nothing that can be told apart; not counted."""
        self.terminal.write(data.encode())
        time.sleep(pause)

    def session(self) -> None:
        """Everything once."""
        self.type_filter()
        self.open_messages()
        self.publish()
        self.key("follow", "f", title_lacks("HELD"))

    def type_filter(self) -> None:
        """/, the letters, Esc: first for the list of offers, then for the field."""
        self.key("/", "/", title_lacks("3 Messages"))
        for end in range(1, len(FILTER) + 1):
            self.key("a letter of the filter", FILTER[end - 1], field_reads(FILTER[:end]))
        if offered(self.terminal.screen):
            self.key("Esc from the offers", "\x1b", lambda screen: not offered(screen))
        self.key("Esc", "\x1b", title_says("3 Messages"))

    def open_messages(self) -> None:
        """g, then ten messages with the inspector; the first JSON among them is folded and unfolded."""
        self.key("top", "g", cursor_on(0))
        for row in range(1, 11):
            self.key("down", "j", cursor_on(row))
            self.key("open", "\r", footer_says("older, newer"))
            if '{"n"' in self.terminal.screen.line(FIRST + row) and not self.over:
                self.terminal.when(shows('"shelf"'), 2)
                self.key("fold", " ", shows_not('"shelf"'))
                self.key("unfold", " ", shows('"shelf"'))
            self.key("back", "3", footer_says("/ filter"))

    def publish(self) -> None:
        """p, a letter, send, Esc."""
        self.key("composer", "p", footer_says("F5 send"))
        self.key("a letter of the topic", "a", other_fields(self.terminal.screen))
        if any(line.split() == ["payload"] for line in fields(self.terminal.screen)):
            self.silent("\t")
        self.key("a letter of the payload", "7", other_fields(self.terminal.screen))
        if shows_not(" sent ")(self.terminal.screen):
            self.key("send", "\x1b[15~", shows(" sent "))
        else:
            self.silent("\x1b[15~")
        self.key("Esc", "\x1b", footer_says("/ filter"))


def quantile(values: list[float], share: float) -> float:
    """The value that ``share`` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def by_name(player: Player) -> str:
    """The slowest kinds of keys, with their medians and worst."""
    kinds: dict[str, list[float]] = {}
    for name, seconds in player.taken:
        kinds.setdefault(name, []).append(seconds * 1000)
    worst = sorted(kinds.items(), key=lambda item: -max(item[1]))[:14]
    return "; ".join(f"{name} {quantile(values, 0.5):.0f}..{max(values):.0f}" for name, values in worst)


def measure(app: Explored, seconds: float, rate: int) -> None:
    """The session, again and again, under the full rate."""
    flood = Flood(app.broker.port, rate, seconds + 3, kind="mixed")
    began = flood.fire()
    app.terminal.wait_screen("showing")
    before, started = cpu_seconds(app.pids[0]), time.monotonic()
    player = Player(app.terminal, began + seconds)
    while not player.over:
        player.session()
    share = (cpu_seconds(app.pids[0]) - before) / (time.monotonic() - started)
    sent = flood.stop()
    times = [taken * 1000 for _, taken in player.taken]
    reached = sent.sent / max(sent.ended - began, 0.001)
    note = f"{len(times)} keys at {reached:,.0f}/s; ms: {by_name(player)}"
    for name, limit in ((0.95, 50), (0.99, 100)):
        figure = f"{name:.0%} of keys answered within, {rate:,}/s"
        record(
            Row(
                benchmark="keys", figure=figure, value=quantile(times, name), unit="ms", most=limit, note=note
            )
        )
        note = ""
    lost = len(player.lost)
    record(
        Row(
            benchmark="keys",
            figure="keys without an answer",
            value=lost,
            unit="lost",
            most=0,
            note=", ".join(player.lost),
        )
    )
    record(
        Row(
            benchmark="keys",
            figure="messages sent and not captured",
            value=app.missing(sent.sent),
            unit="lost",
            most=0,
        )
    )
    record(
        Row(
            benchmark="keys",
            figure="front end while keys are pressed, of one core",
            value=share * 100,
            unit="%",
        )
    )


def shares(app: Explored, seconds: float) -> None:
    """What painting takes of a core at several rates, nobody pressing a key."""
    for rate in SHARES:
        flood = Flood(app.broker.port, rate, seconds + 4, kind="thousand")
        flood.fire()
        time.sleep(2)
        before, started = [cpu_seconds(pid) for pid in app.pids], time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - started
        front, engine = (
            (cpu_seconds(pid) - was) / took * 100 for pid, was in zip(app.pids, before, strict=True)
        )
        flood.stop()
        figure = f"front end's share of a core at {rate:,}/s"
        record(
            Row(benchmark="keys", figure=figure, value=front, unit="%", most=25, medians={"engine": engine})
        )


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=int, nargs="?", default=quick(60, 3))
    parser.add_argument("--rate", type=int, default=RATE, help="messages a second")
    given = parser.parse_args()
    with explored() as app:
        measure(app, given.seconds, given.rate)
    if given.rate != RATE:
        return
    with explored() as app:
        shares(app, quick(10, 1))


if __name__ == "__main__":
    main()
