"""The private names of aiomqtt and paho: an upgrade must fail here, loudly."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import aiomqtt
import pytest
from paho.mqtt import client as paho

import mqttx_tui
from mqttx_tui.session import stack


def test_the_installed_packages_are_those_it_was_built_on() -> None:
    assert version("aiomqtt").startswith("2.5.")
    assert version("paho-mqtt").startswith("2.2.")
    stack.check()


def test_a_changed_signature_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def _sock_recv(self: paho.Client, size: int) -> bytes:
        return b""

    monkeypatch.setattr(paho.Client, "_sock_recv", _sock_recv)
    with pytest.raises(stack.StackMismatchError, match="_sock_recv") as caught:
        stack.check()
    assert "2.5.1" in caught.value.hint


def test_a_name_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(aiomqtt.Client, "_misc_loop")
    with pytest.raises(stack.StackMismatchError, match="_misc_loop"):
        stack.check()
    monkeypatch.undo()
    monkeypatch.delattr(paho, "mqtt_ms_queued")
    with pytest.raises(stack.StackMismatchError, match="mqtt_ms_queued"):
        stack.check()


async def test_an_attribute_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Renamed(paho.Client):
        def __init__(self, **options: object) -> None:
            super().__init__(**options)  # type: ignore[arg-type]
            del self._out_messages

    monkeypatch.setattr(paho, "Client", Renamed)
    with pytest.raises(stack.StackMismatchError, match="_out_messages"):
        stack.StackClient(hostname="nowhere")


def test_every_private_name_used_is_checked() -> None:
    source = Path(stack.__file__).read_text()
    ours = set(re.findall(r"self\.(_[a-z]\w+)", source)) - {"_feed", "_fed", "_feed_ended", "_thread"}
    ours -= {"_entered", "_take_fed", "_on_loop", "_write", "_watching"}
    pahos = set(re.findall(r"self\._client\.(_[a-z]\w+)", source))
    checked = {name for _, name, _ in stack._METHODS} | set(stack._OURS) | set(stack._PAHO)
    checked |= set(stack._PAHO_BELOW_5)
    assert ours <= checked
    assert pahos <= checked


def test_no_other_module_touches_them() -> None:
    root = Path(mqttx_tui.__file__).parent
    private = re.compile(r"client\._(?!_)|paho\.\w*\._|\._client\._")
    touching = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if path.name != "stack.py" and private.search(path.read_text())
    ]
    assert touching == []
