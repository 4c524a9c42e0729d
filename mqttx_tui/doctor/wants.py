"""What the profile asks for and this broker does not give."""

from __future__ import annotations

from mqttx_tui.doctor.plan import Plan
from mqttx_tui.doctor.report import Check, Verdict
from mqttx_tui.doctor.support import lacks
from mqttx_tui.doctor.talk import talking
from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.session.options import keepalive_of
from mqttx_tui.wire.packets import Connack, PacketType
from mqttx_tui.wire.reasons import reason_name

NO_RETAINED = 2
"""Retain handling: no retained messages with the subscription (MQTT 5.0 §3.8.3.1)."""


async def profile_check(plan: Plan, version: int, connack: Connack, answers: dict[str, str]) -> Check:
    """Compare the profile with what the broker said, and ask for each of its subscriptions once."""
    hints = limit_hints(plan.profile, connack)
    facts: list[tuple[str, str]] = []
    for subscription in plan.profile.subscriptions:
        if not subscription.on:
            continue
        said, hint = "not tried", feature_hint(subscription.filter, answers)
        if not hint:  # to ask for what CONNACK denies is an error
            said, hint = await _granted(plan, version, subscription)
        facts.append((subscription.filter, said))
        hints += [hint] if hint else []
    if plan.profile.will is not None:
        facts.append(("will", "not sent: it would be published if the doctor were stopped"))
    return Check(
        "profile",
        Verdict.WARNING if hints else Verdict.OK,
        "the broker gives less than is asked for" if hints else "the broker gives what is asked for",
        facts=tuple(facts),
        hint="\n".join(dict.fromkeys(hints)),
    )


def limit_hints(profile: Profile, connack: Connack) -> list[str]:
    """Where the properties of CONNACK (MQTT 5.0 §3.2.2.3) fall short of the profile."""
    found, hints = connack.properties, []
    keepalive = found.get("server_keep_alive")
    if keepalive is not None and keepalive < keepalive_of(profile):
        limit = f"{keepalive} s (max_keepalive in mosquitto)"
        hints.append(f"the broker limits keepalive to {limit}: keepalive = {keepalive}")
    expiry = found.get("session_expiry_interval")
    if expiry is not None and expiry < profile.session_expiry:
        hints.append(f"the broker keeps sessions for {expiry} s only: session_expiry = {expiry}")
    most = found.get("maximum_qos", 2)
    wanted = [("subscriptions", one.qos) for one in profile.subscriptions]
    wanted += [("messages", one.qos) for one in profile.messages]
    wanted += [("will", profile.will.qos)] if profile.will is not None else []
    for what in dict.fromkeys(name for name, qos in wanted if qos > most):
        hints.append(f"the broker takes QoS {most} at most (max_qos in mosquitto): lower qos in {what}")
    if found.get("retain_available") is False:
        keeping = [f"message {one.name!r}" for one in profile.messages if one.retain]
        keeping += ["the will"] if profile.will is not None and profile.will.retain else []
        why = "the broker keeps no retained messages (retain_available in mosquitto)"
        hints += [f"{why}: retain = false in {one}" for one in keeping]
    largest = found.get("maximum_packet_size")
    for message in profile.messages:
        size = len((message.payload or "").encode("utf-8", "surrogateescape"))
        if largest is not None and size > largest:
            hints.append(
                f"message {message.name!r} has {size:,} bytes, and the broker takes packets of {largest:,} "
                "at most (max_packet_size in mosquitto): make it smaller, or allow more there"
            )
    return hints


def feature_hint(topic_filter: str, answers: dict[str, str]) -> str:
    """Why a subscription cannot be had from this broker at all; empty when it may."""
    if topic_filter.startswith("$share/") and lacks(answers.get("shared subscriptions", "")):
        plain = plain_filter(topic_filter)
        return f"the broker has no shared subscriptions, and {topic_filter} is one: subscribe to {plain}"
    if ("#" in topic_filter or "+" in topic_filter) and lacks(answers.get("wildcards", "")):
        return f"the broker takes no wildcards, and {topic_filter} holds one: name each topic by itself"
    return ""


def plain_filter(topic_filter: str) -> str:
    """What is shared: ``a/#`` of ``$share/group/a/#`` (MQTT 5.0 §4.8.2)."""
    return topic_filter.split("/", 2)[-1]


async def _granted(plan: Plan, version: int, asked: Subscription) -> tuple[str, str]:
    """What the broker says to one subscription of the profile, and advice where it falls short."""
    if asked.filter.startswith("$share/"):
        return "not tried: it would take messages away from the others of its group", ""
    more = {"retain_handling": NO_RETAINED} if version >= 5 else {}
    try:
        async with talking(plan, version) as talk:
            reason = (await talk.subscribe(asked.filter, asked.qos, **more)).reasons[0]
    except LinkError as error:
        return f"refused: {error.message}", f"{asked.filter}: {error.message}"
    if reason >= 0x80:
        name = reason_name(reason, PacketType.SUBACK, version)
        advice = "the broker's access list has to allow it to this user"
        return f"refused: {name}", f"{asked.filter} is refused ({name}): {advice}"
    if reason < asked.qos:
        advice = f"{asked.filter} is granted with QoS {reason} only: qos = {reason} says so"
        return f"QoS {reason} of {asked.qos}", advice
    return f"QoS {reason}", ""
