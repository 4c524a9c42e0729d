"""Which parts of a URL are hidden wherever they come up, and which only where the URL stands."""

from __future__ import annotations

import pytest

from mqttx_tui.model.profile import Profile
from mqttx_tui.profiles.secrets import resolve


@pytest.mark.parametrize(
    ("query", "noted"),
    [
        ("EIO=4&transport=websocket", ()),
        ("room=1&v=2.0&on", ()),
        ("token=a", ("a",)),
        ("apiKey=%41b&password=x+y", ("%41b", "Ab", "x+y", "x y")),
        ("sig=abc&code=77", ("abc", "77")),
        ("s=a1b2c3d4", ("a1b2c3d4",)),
        ("s=quitealongwordindeed", ("quitealongwordindeed",)),
        ("0f3c-77aa-19", ("0f3c-77aa-19",)),
    ],
)
async def test_query_values_that_look_like_secrets_are_noted(query: str, noted: tuple[str, ...]) -> None:
    resolved = await resolve(Profile("chat", f"ws://h/p?{query}", protocol="websocket"), environment={})
    assert resolved.secrets == noted
