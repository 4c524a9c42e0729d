"""The stages up to an open link, each as a check: name, tcp, proxy, tls, upgrade."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from email.utils import parsedate_to_datetime
from time import time

from mqttx_tui.doctor.certificates import tls_check
from mqttx_tui.doctor.looks import Looks, answers
from mqttx_tui.doctor.plan import Plan
from mqttx_tui.doctor.report import Check, Facts, Recorder, Verdict, failed
from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.state import StageReport
from mqttx_tui.transport.base import LinkInfo, OnStage
from mqttx_tui.transport.connect import endpoint_of
from mqttx_tui.transport.failures import is_kind
from mqttx_tui.transport.names import Address, resolve

PROBE_SECONDS = 1.0
"""How long the addresses beside the one that answered may take."""
CLOCK_SECONDS = 120.0
"""A clock that differs more from the server's is a warning."""
_SHOWN_HEADERS = ("server", "via", "x-cache", "cf-ray")

Open = Callable[[OnStage], Awaitable[LinkInfo]]
"""Opens a link, tells its stages, and returns what became known."""


class Opening:
    """Opens a link and records its stages."""

    def __init__(self, plan: Plan, recorder: Recorder) -> None:
        self._plan = plan
        self._recorder = recorder
        self._looks = Looks(plan)
        self._done: list[StageReport] = []

    async def run(self, open_it: Open) -> bool:
        """Record every stage; False when one of them failed, with what a second look found."""
        try:
            info = await open_it(self._note)
        except LinkError as error:
            known = await self._looks.certificates() if self._came_to("tls", error) else None
            await self._record(known)
            ms = next((report.ms for report in self._done if report.stage == error.stage), None)
            await self.explain(error, ms)
            return False
        await self._record(info)
        return True

    async def explain(self, error: LinkError, ms: float | None = None) -> None:
        """Record a failure, with what a second look found."""
        if is_kind(error, "upgrade.closed") or is_kind(error, "mqtt.closed") or is_kind(error, "link.reset"):
            error = await self._looks.refusal() or error
        check = await self._looks.after(failed(error, ms=ms))
        before = self._recorder.report.check(check.stage)
        if before is not None:  # TLS 1.3 refuses a client after the handshake: its certificate was shown
            new = tuple(fact for fact in check.facts if fact not in before.facts)
            check = replace(check, facts=new)
        self._recorder.add(check)

    def _note(self, report: StageReport) -> None:
        if report.status in ("ok", "failed"):
            self._done.append(report)

    def _came_to(self, stage: str, error: LinkError) -> bool:
        """Whether a stage was done before another failed: then it is shown in full all the same."""
        return error.stage != stage and any(report.stage == stage for report in self._done)

    async def _record(self, info: LinkInfo | None) -> None:
        for report in self._done:
            if report.status == "ok":
                self._recorder.add(await self._check(report, info))

    async def _check(self, report: StageReport, info: LinkInfo | None) -> Check:
        if report.stage == "tls" and info is not None:
            options = self._plan.profile.tls
            return replace(tls_check(info, options, report.ms), text=report.detail)
        check = Check(report.stage, Verdict.OK, report.detail, report.ms)
        if report.stage == "tcp" and info is not None:
            return await self._addresses(check, info)
        if report.stage == "upgrade" and info is not None:
            return upgrade_check(check, info)
        return check

    async def _addresses(self, check: Check, info: LinkInfo) -> Check:
        """Whether every address of the host answers: others may try only the first."""
        endpoint = endpoint_of(self._plan.profile)
        if endpoint.transport == "unix" or self._plan.profile.proxy:
            return check
        try:
            addresses = await resolve(endpoint.host, endpoint.port)
        except LinkError:
            return check
        silent = [one for one in addresses if not await _takes(one, info)]
        if not silent:
            return check
        shown = ", ".join(one.shown() for one in silent)
        hint = f"{shown} does not answer: a program that tries only that address fails; listen there, too"
        facts = (("not answering", shown),)
        return replace(check, verdict=Verdict.WARNING, facts=facts).advised(hint)


async def _takes(address: Address, info: LinkInfo) -> bool:
    return address.shown() == info.peer or await answers(address.host, address.port, PROBE_SECONDS)


def upgrade_check(check: Check, info: LinkInfo) -> Check:
    """The check of an upgrade that succeeded: what was agreed on, and whose clock is wrong."""
    facts: list[tuple[str, str]] = [("request", info.request)]
    facts.append(("subprotocol", info.subprotocol or "none"))
    facts.append(("extensions", ", ".join(info.extensions) or "none"))
    facts += [(name, value) for name, value in info.response_headers if name.lower() in _SHOWN_HEADERS]
    hint = clock_hint(info.response_headers)
    verdict = Verdict.WARNING if hint else Verdict.OK
    return replace(check, verdict=verdict, facts=tuple(facts), hint=hint)


def clock_hint(headers: Facts) -> str:
    """What the server's ``Date`` (RFC 9110 §6.6.1) says about the clock here; empty when it agrees."""
    date = next((value for name, value in headers if name.lower() == "date"), "")
    try:
        ahead = time() - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return ""
    if abs(ahead) <= CLOCK_SECONDS:
        return ""
    minutes = int(abs(ahead) // 60)
    span = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
    which = "ahead of" if ahead > 0 else "behind"
    return (
        f"the clock here is {span} {which} the server's: one of them is wrong, and certificates depend on it"
    )
