"""The whole examination of one connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mqttx_tui.doctor.exchange import Exchange
from mqttx_tui.doctor.frames import examine_frames
from mqttx_tui.doctor.plan import Plan
from mqttx_tui.doctor.report import Check, OnCheck, Recorder, Report, Verdict
from mqttx_tui.doctor.support import Support, examine_support
from mqttx_tui.doctor.wants import profile_check
from mqttx_tui.transport.connect import endpoint_of


def _ignore(check: Check) -> None:
    """The usual listener: the report is enough."""


async def examine(plan: Plan, on_check: OnCheck = _ignore) -> Report:
    """Look over the connection of ``plan``, stage by stage; ``on_check`` is told of each as it ends.

    What is found wrong is in the report. Raises ``InputError`` for a profile that cannot be used at
    all. Nothing is left behind on the broker: sessions end with their connections, retained test
    messages are cleared, and topics and client ids are new ones.
    """
    report = Report(endpoint_of(plan.profile).shown(), plan.profile.protocol)
    recorder = Recorder(report, plan.resolved.secrets, on_check)
    await _EXAMINATIONS[plan.profile.protocol](plan, recorder)
    return report


async def _mqtt(plan: Plan, recorder: Recorder) -> None:
    exchange = Exchange(plan, recorder)
    await exchange.run()
    if exchange.connack is None:
        recorder.skip("not connected", "versions", "support", "profile", "clean")
        return
    version, connack = exchange.version, exchange.connack
    support = await examine_support(plan, recorder, version, connack)
    recorder.add(await profile_check(plan, version, connack, support.answers))
    recorder.add(_clean(support))


def _clean(support: Support) -> Check:
    """Whether anything was left behind."""
    if not support.left_behind:
        return Check("clean", Verdict.OK, "nothing was left behind on the broker")
    topic = support.left_behind[0]
    text = f"a retained test message could not be cleared: {topic}"
    hint = f"mqttx-tui pub TARGET -t {topic} -n -r clears it"
    return Check("clean", Verdict.WARNING, text, hint=hint)


_EXAMINATIONS: dict[str, Callable[[Plan, Recorder], Awaitable[None]]] = {
    "mqtt": _mqtt,
    "websocket": examine_frames,
}
