"""A profile made ready for one attempt to connect: placeholders filled in, secrets fetched."""

from __future__ import annotations

import hashlib
import os
import secrets as randomness
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal
from urllib.parse import unquote, unquote_plus

from mqttx_tui.model.endpoint import parse_url
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile, Resolved, SavedMessage, SecretRef, TlsOptions, Value
from mqttx_tui.profiles.fetch import Ask, Fetcher
from mqttx_tui.profiles.placeholders import Unset, fill

SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization")
_SECRET_WORDS = ("token", "key", "secret", "password", "auth", "session")
_QUERY_WORDS = ("pass", "pwd", "pin", "code", "sig", "credential", "ticket")
"""What a query parameter's name may say beside them."""
SHORTEST, SHORT, LONG = 4, 8, 16
"""Characters: a shorter query value says too little, a longer one is no word."""
RANDOM = "{random}"
_RUN = randomness.token_bytes(16)


async def resolve(
    profile: Profile, ask: Ask | None = None, environment: Mapping[str, str] | None = None
) -> Resolved:
    """Fill in every ``Value`` and placeholder of ``profile``.

    Placeholders: url, username, password, bearer, client_id, tls.*, headers, origin, proxy, will.topic,
    properties.authentication_data, and topic, payload and properties of messages with
    ``template``. ``{random}`` in the client id becomes a tail that stays the same for a profile as
    long as the program runs (a session can only be resumed under the same id). ``ask`` is called at
    every attempt for ``prompt``; whoever implements it decides what is remembered.

    Raises ``InputError`` (an unset variable, a missing keyring extra) and ``LinkError`` (a file,
    a command, a person who declines); both name the connection and the key, never the secret.
    """
    return await _Resolver(profile, ask, os.environ if environment is None else environment).run()


def random_tail(key: str) -> str:
    """Eight hex digits, the same for ``key`` as long as the program runs."""
    return hashlib.sha256(_RUN + key.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def is_secret_header(name: str) -> bool:
    """Whether the value of an HTTP header is a secret: the known ones, and names that say so."""
    folded = name.lower()
    return folded in SECRET_HEADERS or any(word in folded for word in _SECRET_WORDS)


def _is_secret_value(name: str, value: str) -> bool:
    """Whether a query value looks like a secret: its name says so, or no word is like that.

    A name alone may be one, too: ``?TOKEN``.
    """
    if not value:
        return len(name) >= SHORTEST
    if is_secret_header(name) or any(word in name.lower() for word in _QUERY_WORDS):
        return True
    return len(value) >= LONG or (len(value) >= SHORT and not value.isalpha())


def _with_credentials_of_url(profile: Profile) -> Profile:
    """MQTT takes user name and password from the URL where the profile names none."""
    endpoint = parse_url(str(profile.url))
    if profile.protocol != "mqtt" or endpoint.username is None or profile.username:
        return profile
    password = endpoint.password if profile.password is None else profile.password
    return replace(profile, username=endpoint.username, password=password)


class _Resolver:
    def __init__(self, profile: Profile, ask: Ask | None, environment: Mapping[str, str]) -> None:
        self._profile = profile
        self._environment = environment
        self._fetcher = Fetcher(profile.label, ask, environment)
        self._secrets: dict[str, None] = {}

    async def run(self) -> Resolved:
        profile = self._profile
        url = await self._value(profile.url, "url")
        protocol = self._check_url(url)
        filled = replace(
            profile,
            url=url,
            protocol=protocol,
            client_id=self._fill(profile.client_id, "client_id").replace(RANDOM, random_tail(profile.key)),
            username=await self._value(profile.username, "username"),
            password=await self._password(),
            bearer=await self._value(profile.bearer, "bearer", secret=True),
            tls=await self._tls(profile.tls),
            headers=tuple([(name, await self._header(name, value)) for name, value in profile.headers]),
            origin=self._fill(profile.origin, "origin"),
            proxy=self._fill(profile.proxy, "proxy"),
            will=profile.will and replace(profile.will, topic=self._fill(profile.will.topic, "will.topic")),
            properties=replace(
                profile.properties,
                authentication_data=await self._value(
                    profile.properties.authentication_data, "properties.authentication_data", secret=True
                ),
            ),
            messages=tuple(self._message(message) for message in profile.messages),
        )
        filled = _with_credentials_of_url(filled)
        self._note_userinfo(str(filled.url))
        self._note_userinfo(filled.proxy)
        return Resolved(filled, tuple(self._secrets))

    def _fill(self, text: str, key: str) -> str:
        try:
            return fill(text, self._environment)
        except Unset as unset:
            raise self._fetcher.problem(
                key,
                f"the variable {unset.name} is not set",
                f"export {unset.name}=… before starting, or write ${{{unset.name}:-default}}",
            ) from None

    async def _value(self, value: Value, key: str, *, secret: bool = False) -> str:
        if isinstance(value, SecretRef):
            found = await self._fetcher.fetch(value, key)
            secret = secret or key != "url"
        else:
            found = self._fill(value, key)
        if secret:
            self._note(found)
        return found

    async def _password(self) -> str | None:
        password = self._profile.password
        return None if password is None else await self._value(password, "password", secret=True)

    async def _tls(self, tls: TlsOptions) -> TlsOptions:
        def path(value: str, key: str) -> str:
            return os.path.expanduser(self._fill(value, f"tls.{key}"))

        return replace(
            tls,
            ca=path(tls.ca, "ca"),
            cert=path(tls.cert, "cert"),
            key=path(tls.key, "key"),
            key_password=await self._value(tls.key_password, "tls.key_password", secret=True),
            server_name=self._fill(tls.server_name, "tls.server_name"),
        )

    async def _header(self, name: str, value: Value) -> str:
        secret = is_secret_header(name)
        found = await self._value(value, f"headers.{name}", secret=secret)
        if "\r" in found or "\n" in found:
            raise self._fetcher.problem(f"headers.{name}", "may not hold a line break")
        scheme, blank, credentials = found.partition(" ")
        if secret and blank and scheme.isalpha():
            self._note(credentials.strip())
        return found

    def _message(self, message: SavedMessage) -> SavedMessage:
        if message.template:
            from mqttx_tui.profiles.templates import fill_variables  # few messages are templates

            try:
                message = fill_variables(message, self._environment)
            except Unset as unset:
                if message.on_connect or message.when or message.every is not None:
                    raise self._fetcher.problem(
                        f"message {message.name!r}", f"the variable {unset.name} is not set"
                    ) from None
        if message.secret and message.payload:
            self._note(message.payload)
        return message

    def _check_url(self, url: str) -> Literal["mqtt", "websocket"]:
        try:
            endpoint = parse_url(url)
        except InputError as error:
            fetched = isinstance(self._profile.url, SecretRef)
            text = "what was fetched is no url" if fetched else error.message
            raise self._fetcher.problem("url", text, "" if fetched else error.hint) from None
        return "websocket" if (endpoint.protocol or self._profile.protocol) == "websocket" else "mqtt"

    def _note(self, secret: str) -> None:
        if secret:
            self._secrets[secret] = None

    def _note_userinfo(self, url: str) -> None:
        """User info and those query values that look like secrets, as written and decoded.

        All query values are hidden where a URL stands. What is noted here is hidden wherever it comes
        up, and a "4" or a "websocket" would be hidden in the middle of words.
        """
        if "://" not in url:
            return
        rest = url.partition("://")[2].partition("#")[0]
        address, _, query = rest.partition("?")
        authority = address.partition("/")[0]
        userinfo, at, _ = authority.rpartition("@")
        for part in userinfo.split(":", 1) if at else ():
            self._note(part)
            self._note(unquote(part))
        for pair in query.split("&") if query else ():
            name, _, value = pair.partition("=")
            if not _is_secret_value(unquote_plus(name), unquote_plus(value)):
                continue
            for form in (value or name, unquote(value or name), unquote_plus(value or name)):
                self._note(form)
