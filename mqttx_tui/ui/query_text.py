"""The query of a WebSocket's URL as names and values, and back. No widgets."""

from __future__ import annotations

from urllib.parse import quote, unquote_plus

_WEB = ("ws", "wss", "mqtt+ws", "mqtt+wss")
_SAFE = "!$'()*,-./:;?@[]_{}~|"
"""What stays as typed (RFC 3986 §3.4), and the characters of ``${NAME}``."""

Pairs = list[tuple[str, str]]


def split_url(url: str) -> tuple[str, Pairs]:
    """The URL without its query, and the query's pairs, decoded; no pairs where it cannot be split."""
    base, question, query = url.partition("?")
    web = url.partition("://")[0].strip().lower() in _WEB
    if not question or not web or "#" in url or base.count("${") != base.count("}"):
        return url, []
    return base, [_decoded(part) for part in query.split("&") if part]


def join_url(url: str, pairs: Pairs, before: str = "") -> str:
    """``url`` with ``pairs`` behind what it has of a query; those of ``before`` keep their spelling."""
    spelled = {_decoded(part): part for part in before.partition("?")[2].split("&") if part}
    query = "&".join(spelled.get(pair) or _encoded(*pair) for pair in pairs)
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _decoded(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return unquote_plus(name), unquote_plus(value)


def _encoded(name: str, value: str) -> str:
    return f"{quote(name, safe=_SAFE)}={quote(value, safe=_SAFE)}"
