"""Keys, pastes, sizes, suspending and the mouse, in a real tmux at its default settings."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.mosquitto import Mosquitto, find
from tests.support.terminal import Tmux, tmux
from tests.support.wait import until

RUN = """
import sys
from pathlib import Path
from mqttx_tui.model.start import StartOptions
from mqttx_tui.ui.start import run_app
sys.exit(run_app(StartOptions(targets=(sys.argv[1],), filters=("site/#",), config=Path(sys.argv[2]))))
"""
PASTED = '{\n "on": true\n}'

pytestmark = pytest.mark.mosquitto


def command(broker: Mosquitto, directory: Path) -> list[str]:
    return [sys.executable, "-c", RUN, f"mqtt://127.0.0.1:{broker.port}", str(directory / "none.toml")]


def publish(broker: Mosquitto, topic: str, payload: str) -> None:
    program = find("mosquitto_pub")
    assert program is not None
    subprocess.run([program, "-p", str(broker.port), "-t", topic, "-m", payload, "-q", "1"], check=True)


@contextmanager
def app(broker: Mosquitto, directory: Path, *, columns: int = 120, rows: int = 40) -> Iterator[Tmux]:
    """The app, connected."""
    wrong_size = {"COLUMNS": "70", "LINES": "20"}
    with tmux(command(broker, directory), columns=columns, rows=rows, env=wrong_size) as terminal:
        terminal.wait_for("●")
        yield terminal


@contextmanager
def tmux_in_tmux(inside: list[str]) -> Iterator[Tmux]:
    """A tmux whose keyboard is another tmux: what is typed goes through its escape-time."""
    socket = f"mqttx-tui-test-{uuid.uuid4().hex[:10]}"
    inner = ["env", "-u", "TMUX", "tmux", "-L", socket, "-f", "/dev/null"]
    try:
        with tmux([*inner, "new-session", shlex.join(inside)], columns=120, rows=40) as terminal:
            yield terminal
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            subprocess.run([*inner, "kill-server"], check=True, capture_output=True)


class Traffic:
    """A message every few milliseconds until it is stopped."""

    def __init__(self, broker: Mosquitto) -> None:
        program = find("mosquitto_pub")
        assert program is not None
        self._process = subprocess.Popen(
            [program, "-p", str(broker.port), "-t", "site/line", "-l"], stdin=subprocess.PIPE, text=True
        )
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.sent = 0
        self._thread.start()

    def _run(self) -> None:
        assert self._process.stdin is not None
        while not self._ended.wait(0.02):
            self.sent += 1
            self._process.stdin.write(f"line {self.sent}\n")
            self._process.stdin.flush()

    def stop(self) -> int:
        self._ended.set()
        self._thread.join()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        return self.sent


def captured(broker: Mosquitto) -> list[str]:
    """What a subscriber of the broker saw: the log of its PUBLISH packets."""
    return [line for line in broker.log.splitlines() if "Received PUBLISH" in line]


def test_escape_and_a_quick_digit_leave_a_field_for_the_pane(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = start_mosquitto()
    with tmux_in_tmux(command(broker, tmp_path)) as terminal:
        terminal.wait_for("●")
        terminal.keys("p")
        terminal.wait_for("[ Send F5 ]")
        terminal.type("site/a")
        terminal.keys("Tab")
        terminal.type("ON")
        terminal.wait_for(" payload  ON")
        for digit, name in (("2", "narrow"), ("3", "pause")):
            terminal.keys("Escape")
            terminal.keys(digit)
            terminal.wait_for(f"{name}  ")
            terminal.keys("p")
            screen = terminal.wait_for("[ Send F5 ]")
            assert " payload  ON" in [line.rstrip() for line in screen.splitlines()]
            assert not set("¡™£¢∞") & set(screen)


@pytest.mark.parametrize("bracketed", [True, False])
def test_a_paste_into_the_payload_loses_no_line_and_is_not_sent(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path, bracketed: bool
) -> None:
    broker = start_mosquitto()
    with app(broker, tmp_path) as terminal:
        terminal.keys("p")
        terminal.wait_for("[ Send F5 ]")
        terminal.type("site/paste")
        terminal.keys("Tab")
        terminal.type("x")
        terminal.wait_for(" payload  x")
        terminal.keys("BSpace")
        terminal.wait_for(" 0 B")
        terminal.paste(PASTED, bracketed=bracketed)
        terminal.wait_for("F5 or ^J send")
        terminal.wait_for("15 B")
        lines = terminal.screen().splitlines()
        at = next(y for y, line in enumerate(lines) if " payload  {" in line)
        assert [line[10:].strip() for line in lines[at : at + 3]] == ["{", '"on": true', "}"]
        assert captured(broker) == []
        terminal.keys("C-j")
        until(lambda: captured(broker), "Ctrl+J sends it")
        assert "(15 bytes)" in captured(broker)[0]


@pytest.mark.parametrize(
    "pasted", ['{"q":1}\nu', "plant/temp: 5 on\nx\n", "site/set\np on\n", ":quit\n", "quit\nq\nq\n", "uxq\n"]
)
def test_a_paste_of_keys_into_a_list_changes_and_sends_nothing(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path, pasted: str
) -> None:
    broker = start_mosquitto()
    with app(broker, tmp_path) as terminal:
        publish(broker, "site/before", "was here")
        terminal.wait_for("was here")
        terminal.keys("3")
        terminal.paste(pasted, bracketed=False)
        publish(broker, "site/after", "still subscribed")
        for _ in range(4):
            terminal.keys("Escape")
            threading.Event().wait(0.1)
        terminal.keys("3")
        screen = terminal.wait_for("still subscribed")
        assert "ENDED" not in screen
        assert "Quit?" not in screen
        assert len(captured(broker)) == 2, "nothing was published"
        log = broker.log
        assert "Received UNSUBSCRIBE" not in log
        assert log.count("Received SUBSCRIBE") == 1


def test_sizes_change_while_messages_arrive(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = start_mosquitto(options=["allow_anonymous true", "max_queued_messages 0"])
    with app(broker, tmp_path) as terminal:
        traffic = Traffic(broker)
        terminal.wait_for("line ")
        for columns, rows, shown in (
            (80, 24, "[3 Messages]"),
            (60, 20, "3 Msgs"),
            (45, 10, "line "),
            (20, 4, "30×6"),
            (45, 10, "line "),
            (60, 20, "3 Msgs"),
            (80, 24, "[3 Messages]"),
            (120, 40, "4 Inspector"),
        ):
            terminal.resize(columns, rows)
            terminal.wait_for(shown)
            before = traffic.sent
            if shown != "30×6":
                goes_on(terminal, before)
        last = traffic.stop()
        screen = terminal.wait_for(f"line {last} ")
        assert screen.splitlines()[-1].strip().endswith("q quit")
        assert f"rx {last:,} " in terminal.wait_for(f"rx {last:,} ")
        assert "lost 0" in screen


def goes_on(terminal: Tmux, after: int) -> None:
    try:
        until(lambda: newest(terminal.screen()) > after, f"a line after {after}", 15)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{terminal.screen()}") from None


def newest(screen: str) -> int:
    """The highest number of a line on screen."""
    numbers = [part.split()[0] for part in screen.split("line ")[1:] if part.split()]
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def test_the_engine_captures_while_the_app_is_suspended(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = start_mosquitto()
    with tmux(["bash", "--norc"], columns=100, rows=24) as terminal:
        terminal.type(shlex.join(command(broker, tmp_path)) + "\n")
        terminal.wait_for("●")
        terminal.keys("C-z")
        terminal.wait_for("Stopped")
        for number in range(5):
            publish(broker, "site/while-away", f"number {number}")
        sent = "Sending PUBLISH to "
        until(lambda: broker.log.count(sent) >= 5, "the engine is given them while the app is stopped")
        terminal.type("fg\n")
        terminal.wait_for("number 4")
        terminal.wait_for("rx 5")
        terminal.keys("p")
        terminal.wait_for("[ Send F5 ]")


def test_a_click_on_a_hint_is_its_key(start_mosquitto: Callable[..., Mosquitto], tmp_path: Path) -> None:
    broker = start_mosquitto()
    with app(broker, tmp_path) as terminal:
        line = terminal.wait_for("p publish").splitlines()[-1]
        column = line.index("publish") + 1
        terminal.type(f"\x1b[<0;{column};40M\x1b[<0;{column};40m")
        terminal.wait_for("[ Send F5 ]")
        terminal.type(f"\x1b[<0;{60};3M\x1b[<0;{60};3m")
        terminal.wait_for("Space pause")
