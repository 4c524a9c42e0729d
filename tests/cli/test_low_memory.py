"""Settings for little memory: chosen by hand, by the setting, and by the memory that is found."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import pytest

from mqttx_tui.capture.limits import (
    BYTES_LOW_MEMORY,
    QUEUE_ROWS_LOW_MEMORY,
    TOPICS,
    TOPICS_LOW_MEMORY,
    Limits,
    for_memory,
)
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.schema import create
from mqttx_tui.cli.main import main
from mqttx_tui.engine.address import Address
from mqttx_tui.engine.client import EngineClient
from mqttx_tui.engine.running import Running
from mqttx_tui.engine.spawn import EngineOptions
from mqttx_tui.model.start import StartOptions
from mqttx_tui.model.state import EngineCounters
from mqttx_tui.profiles.settings import DEFAULTS, Settings
from mqttx_tui.ui.backend import EngineBackend, wanted_low_memory
from tests.cli.commands import PROGRAM, mosquitto_pub, started, url
from tests.engine.fakes import Told, no_answer
from tests.support.mosquitto import Mosquitto

V1 = Path("/sys/fs/cgroup/memory")
LITTLE = 256 * 1024 * 1024


def test_the_command_line_goes_before_the_setting() -> None:
    for flag, setting, wanted in (
        (None, "auto", None),
        (None, True, True),
        (None, False, False),
        (True, False, True),
        (False, True, False),
    ):
        options, settings = StartOptions(low_memory=flag), Settings(low_memory=setting)
        assert wanted_low_memory(options, settings) is wanted
        assert EngineBackend(options, settings).engine_options.low_memory is wanted
    assert DEFAULTS.low_memory == "auto"
    assert EngineOptions(low_memory=True).arguments() == ["--low-memory"]
    assert EngineOptions(low_memory=False).arguments() == ["--no-low-memory"]
    assert EngineOptions().arguments() == []


def test_what_was_asked_for_is_kept_and_the_rest_shrinks() -> None:
    asked = Limits(messages=7, bytes=8, topics=100)
    low = for_memory(asked, True)
    assert (low.messages, low.bytes, low.topics, low.queue_rows) == (7, 8, 100, QUEUE_ROWS_LOW_MEMORY)
    assert for_memory(asked, False) is asked


async def engine_counters(*, low_memory: bool | None) -> EngineCounters:
    """What an engine process says of its limits."""
    told = Told()
    client = EngineClient(told, no_answer, options=EngineOptions(low_memory=low_memory))
    await client.start()
    await client.shutdown()
    return told.counted[0]


@pytest.mark.parametrize("low_memory", [False, True])
async def test_the_engine_obeys_and_says_so(low_memory: bool) -> None:
    counters = await engine_counters(low_memory=low_memory)
    assert counters.low_memory is low_memory
    assert counters.limit_topics == (TOPICS_LOW_MEMORY if low_memory else TOPICS)
    if low_memory:
        assert counters.limit_bytes <= BYTES_LOW_MEMORY


def test_a_recording_counts_fewer_topics(mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic, path = f"low/{uuid.uuid4().hex}", tmp_path / "capture.db"
    options = ["-t", topic, "--capture", str(path), "-C", "1", "--low-memory"]
    with started("record", url(mosquitto), *options) as own:
        own.says("little memory: a short queue, and at most 20,000 topics")
        own.says("subscribed")
        mosquitto_pub(mosquitto, "-t", topic, "-m", "x")
        assert own.end() == 0
    with closing(CaptureReader(path)) as reader:
        assert reader.counters().limit_topics == TOPICS_LOW_MEMORY


@contextmanager
def small_cgroup(size: int) -> Iterator[Path]:
    """A memory cgroup of ``size`` bytes (version 1); only root may make one."""
    group = V1 / f"mqttx-tui-test-{uuid.uuid4().hex[:8]}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(size))
    except OSError as error:
        pytest.skip(f"no cgroup can be made here: {error}")
    try:
        yield group
    finally:
        group.rmdir()


def test_a_small_cgroup_is_seen_by_itself(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Nobody asks for it: a process in a cgroup of 256 MB finds that there is little memory."""
    topic, path = f"low/{uuid.uuid4().hex}", tmp_path / "capture.db"
    with small_cgroup(LITTLE) as group:
        shell = ["sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh"]
        program = [*shell, *PROGRAM]
        arguments = ["record", url(mosquitto), "-t", topic, "--capture", str(path), "-C", "1"]
        with started(*arguments, program=program) as own:
            own.says("little memory")
            own.says("subscribed")
            mosquitto_pub(mosquitto, "-t", topic, "-m", "x")
            assert own.end() == 0


@pytest.mark.parametrize(
    ("flag", "wanted"), [(["--low-memory"], True), (["--no-low-memory"], False), ([], None)]
)
def test_the_flag_reaches_the_app(
    flag: list[str], wanted: bool | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[StartOptions] = []

    def run_app(options: StartOptions) -> int:
        seen.append(options)
        return 0

    async def find() -> list[Running]:
        return [Running(tmp_path, Address(), 1, 0.0, ("lab",), 5, 0, False, False)]

    monkeypatch.setattr("mqttx_tui.ui.start.run_app", run_app)
    monkeypatch.setattr("mqttx_tui.engine.running.find", find)
    ports = {"mqtt": 1, "mqtt_ws": 2, "websocket": 3}
    monkeypatch.setattr("mqttx_tui.cli.demo._house", lambda: nullcontext(ports))
    capture = tmp_path / "capture.db"
    with closing(sqlite3.connect(capture)) as database:
        create(database)
    for command in ([], ["demo"], ["attach", "lab"], ["open", str(capture)]):
        assert main([*command, *flag]) == 0
    assert [options.low_memory for options in seen] == [wanted] * 4
