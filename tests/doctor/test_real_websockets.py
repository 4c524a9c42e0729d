"""WebSocket servers that are set up otherwise than the profile expects."""

from __future__ import annotations

from dataclasses import replace

import pytest
from websockets.asyncio.server import ServerConnection, basic_auth
from websockets.http11 import Request, Response

from mqttx_tui.doctor.report import Verdict
from mqttx_tui.model.errors import Exit
from tests.doctor.patients import advises, check_of, examined, facts, failure
from tests.support.certificates import Certificates
from tests.support.servers import server_context
from tests.support.websockets import idle, serving

PASSWORD = "engine-1842"


@pytest.mark.parametrize("login", ["", "Basic YWRhOndyb25n"])
async def test_a_login_that_is_missing_or_wrong(login: str) -> None:
    check = basic_auth(realm="lab", credentials=("ada", PASSWORD))
    async with serving(idle, process_request=check) as profile:
        headers = (("Authorization", login),) if login else ()
        report = await examined(replace(profile, headers=headers), secrets=(login,))
    found = failure(report)
    assert (found.stage, found.title, report.exit_code) == (
        "upgrade",
        "Not authenticated",
        Exit.NOT_AUTHORISED,
    )
    assert found.hint
    assert not login or login not in repr(report)


@pytest.mark.parametrize("origin", ["", "https://evil.lab"])
async def test_an_origin_that_is_not_allowed(origin: str) -> None:
    async with serving(idle, origins=["https://chat.lab"]) as profile:
        check = failure(await examined(replace(profile, origin=origin)))
    assert (check.stage, check.title) == ("upgrade", "Forbidden")
    advises(check, "these credentials, this address or this origin may not connect")


async def test_an_origin_that_a_page_of_the_server_would_have() -> None:
    """Servers that check where a page comes from forbid who names none."""

    def own(connection: ServerConnection, request: Request) -> Response | None:
        here = f"http://{request.headers['Host']}"
        return None if request.headers.get("Origin") == here else connection.respond(403, "no\n")

    async with serving(idle, process_request=own) as profile:
        check = failure(await examined(profile))
        here = str(profile.url).replace("ws://", "http://").partition("/chat")[0]
        advises(check, f'with the origin of a page of its own it lets us in: origin = "{here}"')
        assert (await examined(replace(profile, origin=here))).exit_code is Exit.DONE, "the advice helps"


async def test_a_subprotocol_that_the_server_insists_on() -> None:
    async with serving(idle, subprotocols=["chat.v2"]) as profile:
        check = failure(await examined(profile))
        good = await examined(replace(profile, subprotocols=("chat.v2",)))
    assert (check.stage, check.title) == ("upgrade", "Upgrade refused")
    advises(check, "check path, subprotocols and origin")
    assert facts(check_of(good, "upgrade", Verdict.OK))["subprotocol"] == "chat.v2"


async def test_plain_to_a_secure_server(certificates: Certificates) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)
    async with serving(idle, ssl=context) as profile:
        check = failure(await examined(profile, seconds=3))
    assert check.stage == "upgrade"
    advises(check, f"TLS answers there: {str(profile.url).partition('?')[0].replace('ws:', 'wss:')}")
