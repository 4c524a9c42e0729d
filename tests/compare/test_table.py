"""The table and its edges."""

from __future__ import annotations

import pytest

from mqttx_tui.cli.compare_table import put_table
from mqttx_tui.compare.measure import Asked
from mqttx_tui.compare.results import Both, Cost, Publishing, Result, Times
from mqttx_tui.doctor.report import Check, Verdict

ASKED = Asked((0,), (16,), 20)


def cost(sent: int, received: int) -> Cost:
    none = Both()
    return Cost(Both(sent, received), Both(sent, received), none, none, none, Both(1, 1))


def one(**more: object) -> Result:
    times = Times((1.0, 250.0))
    found = Result("lab", "mqtt://lab:1883", "tcp", "5", topic="t", client_id="c")
    found.connect, found.connect_times = cost(1_234_567, 11), times
    found.publishings = [Publishing(0, 16, 0, cost(20, 0), cost(0, 20), times, None)]
    for name, value in more.items():
        setattr(found, name, value)
    return found


def test_what_comes_from_outside_is_made_visible(capsys: pytest.CaptureFixture[str]) -> None:
    failure = Check("mqtt", Verdict.FAILED, "no \x1b]0;x\x07", title="Refused", hint="see \x1b[2J")
    put_table([one(failure=failure, name="a\x1bb", notes=["\x9b"])], ASKED)
    out = capsys.readouterr().out
    assert not {character for character in out if ord(character) < 32 or 127 <= ord(character) < 160} - {"\n"}
    assert "failed at mqtt: Refused: no ␛" in out


def test_columns_are_aligned_whatever_stands_in_them(capsys: pytest.CaptureFixture[str]) -> None:
    put_table([one(), one(connect=None, connect_times=None), one()], ASKED)
    lines = capsys.readouterr().out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("bytes, for"))
    block = lines[start : lines.index("", start)]
    assert len({len(line) for line in block}) == 1
    assert "1,234,567" in block[1]
    assert max(map(len, lines)) <= 80


def test_what_the_others_cost_more_than_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    faster = Times((0.5, 0.5, 0.5))
    other = one(connect=cost(1_234_500, 11), connect_times=faster)
    other.publishings = [Publishing(0, 16, 0, cost(1026, 0), cost(0, 22), faster, None)]
    failure = Check("tcp", Verdict.FAILED, "nothing listens")
    put_table([Result("x", "mqtt://x", failure=failure), one(), other], ASKED)
    words = " ".join(capsys.readouterr().out.split())
    assert "3 against 2: connecting -67 bytes, -125.00 ms; a message of 16 bytes" in words
    assert "there and back at QoS 0 +1,008 bytes, -125.00 ms." in words


def test_fewer_than_asked_for_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    put_table([one()], ASKED)
    assert "   QoS 0, 16 bytes: 2 of 20, they take long\n" in capsys.readouterr().out


def test_nothing_was_reached(capsys: pytest.CaptureFixture[str]) -> None:
    failure = Check("tcp", Verdict.FAILED, "nothing listens", title="Connection refused")
    put_table([Result("x", "mqtt://x:1", "tcp", failure=failure)], ASKED)
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "1  x  mqtt://x:1",
        "   failed at tcp: Connection refused: nothing listens",
        "   hint: mqttx-tui doctor looks closer",
    ]
