"""The options of a subscription in the app: set in the form, seen by the broker, shown with the message."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from mqttx_tui.ui.screens.ask import SubscribeForm
from mqttx_tui.ui.widgets.choice import Choice, Toggle
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.wire.packets import Publish, Suback, Subscribe, Subscription
from tests.support.scripted import Peer, ScriptedBroker
from tests.ui.live_app import Live, live


async def form_of(app: Live) -> SubscribeForm:
    await app.connected()
    await app.press("s")
    await app.until(lambda: isinstance(app.app.screen, SubscribeForm), "the form")
    form = app.app.screen
    assert isinstance(form, SubscribeForm)
    return form


async def test_options_reach_the_broker_and_the_identifier_comes_back(tmp_path: Path) -> None:
    seen: list[Subscribe] = []

    async def script(peer: Peer) -> None:
        await peer.accept()
        seen.append(await peer.expect(Subscribe))
        peer.send(Suback(seen[0].packet_id, (1,)))
        peer.send(Publish("a/b", b"by it", properties={"subscription_identifier": (7,)}))
        await peer.serve()

    async with (
        ScriptedBroker(script) as broker,
        live(tmp_path, "mine", config=config(broker.url, 5), filters=()) as app,
    ):
        form = await form_of(app)
        form.query_one("#subscribe-filter", SafeInput).value = "a/+"
        form.query_one("#subscribe-qos", Choice).value = "1"
        form.query_one("#subscribe-retained", Choice).value = "never"
        form.query_one("#subscribe-as-published", Toggle).value = True
        form.query_one("#subscribe-no-local", Toggle).value = True
        form.query_one("#subscribe-identifier", SafeInput).value = "7"
        await app.press("enter")
        await app.sees("by it")
        await app.press("3", "end", "4", "right_square_bracket")
        await app.sees("subscription identifier")
    assert seen[0].subscriptions == (Subscription("a/+", 1, True, True, 2),)
    assert seen[0].properties == {"subscription_identifier": (7,)}


def config(url: str, version: object) -> str:
    return f'schema = 1\n[connections.mine]\nurl = "{url}"\nmqtt = "{version}"\n'


async def test_an_older_version_has_none_of_them(tmp_path: Path) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.serve()

    async with (
        ScriptedBroker(script) as broker,
        live(tmp_path, "mine", config=config(broker.url, "3.1.1"), filters=()) as app,
    ):
        form = await form_of(app)
        assert not form.query(Toggle)
        assert not form.query("#subscribe-identifier")


@pytest.mark.parametrize(
    ("topic_filter", "identifier", "own", "said"),
    [
        ("a", "0", False, "from 1 to 268,435,455"),
        ("a", "x", False, "from 1 to 268,435,455"),
        ("$share/g/a", "", True, "a shared subscription"),
        ("a/#/b", "", False, "# must"),
    ],
)
async def test_what_cannot_be_is_said(
    tmp_path: Path, topic_filter: str, identifier: str, own: bool, said: str
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.serve()

    async with (
        ScriptedBroker(script) as broker,
        live(tmp_path, "mine", config=config(broker.url, 5), filters=()) as app,
    ):
        form = await form_of(app)
        form.query_one("#subscribe-filter", SafeInput).value = topic_filter
        form.query_one("#subscribe-identifier", SafeInput).value = identifier
        form.query_one("#subscribe-no-local", Toggle).value = own
        await app.press("enter")
        await app.until(lambda: said in str(form.query_one("#subscribe-problem", Static).content), said)
