"""What is to be said about TLS and the certificates that the server showed."""

from __future__ import annotations

import os
import ssl
import time
from datetime import UTC, datetime
from typing import Any

from mqttx_tui.doctor.report import Check, Facts, Verdict
from mqttx_tui.model.profile import TlsOptions
from mqttx_tui.transport.base import LinkInfo
from mqttx_tui.transport.chain import Certificate, distinguished_name

DAY = 86_400.0
SOON_DAYS = 30
"""A certificate that expires sooner is a warning."""


def tls_check(info: LinkInfo, options: TlsOptions, ms: float) -> Check:
    """The check of a handshake that succeeded."""
    hints: list[str] = []
    facts = [("version", info.tls_version), ("cipher", info.tls_cipher)]
    if options.alpn:
        facts.append(("ALPN", info.alpn or f"none of {', '.join(options.alpn)} was chosen"))
        if not info.alpn:
            hints.append("the server did not answer tls.alpn: take it out, or correct it")
    if not info.tls_verified:
        facts.append(("verified", "no"))
        hints.append(
            "the certificate is not verified: anybody in between can read and change everything; "
            "tls.ca or tls.fingerprint in place of tls.verify = false"
        )
    elif options.fingerprint and not options.ca:
        facts.append(("verified", "by tls.fingerprint"))
    elif info.certificates:
        source = f"tls.ca {options.ca}" if options.ca else "this system"
        facts.append(("authority", f"{info.certificates[-1].subject}, trusted by {source}"))
    hints += [hint for one in info.certificates if (hint := expiry_hint(one))]
    return Check(
        "tls",
        Verdict.WARNING if hints else Verdict.OK,
        f"{info.tls_version}, {info.tls_cipher}",
        ms,
        (*facts, *chain_facts(info.certificates)),
        hint="\n".join(hints),
    )


def chain_facts(chain: tuple[Certificate, ...]) -> Facts:
    """The leaf in full, and who vouches for it."""
    if not chain:
        return ()
    leaf, *others = chain
    facts = [
        ("certificate", leaf.subject or "(no subject)"),
        ("for", ", ".join(leaf.names) or "(no names)"),
        ("issuer", leaf.issuer),
        ("valid", f"{day(leaf.not_before)} to {day(leaf.not_after)}"),
        ("days left", str(days_left(leaf))),
        ("sha256", leaf.fingerprint),
    ]
    facts += [
        ("chain", f"{one.subject}, to {day(one.not_after)}, {days_left(one)} days left") for one in others
    ]
    return tuple(facts)


def days_left(certificate: Certificate) -> int:
    """Whole days until it expires; negative when it has."""
    return int((certificate.not_after - time.time()) // DAY)


def expiry_hint(certificate: Certificate) -> str:
    """A warning when it expires soon, else empty."""
    left = days_left(certificate)
    if left >= SOON_DAYS:
        return ""
    return f"the certificate {certificate.subject} expires in {left} days: renew it on the server"


def day(seconds: float) -> str:
    """A date of a certificate, UTC; OpenSSL's years can be beyond Python's."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.0f}"


def validity_hints(chain: tuple[Certificate, ...]) -> list[str]:
    """Which of a chain is outside of its time, beside the clock of this machine."""
    now = time.time()
    hints = []
    for one in chain:
        if not one.not_before <= now <= one.not_after:
            what = "expired on" if one.not_after < now else "is valid from"
            when = day(one.not_after if one.not_after < now else one.not_before)
            hints.append(f"{one.subject or 'the certificate'} {what} {when}; the clock here says {day(now)}")
    return hints


def authority_hints(chain: tuple[Certificate, ...], options: TlsOptions) -> list[str]:
    """Who issued the certificate, and whom we trust instead."""
    if not chain:
        return []
    leaf, last = chain[0], chain[-1]
    if leaf.self_signed:
        return [f'if that is the right server: tls.fingerprint = "sha256:{leaf.fingerprint}"']
    hints = [f"it is issued by {last.issuer}"]
    if trusted := _trusted(options):
        hints[0] += f", and {trusted}"
    return hints


def missing_hints(chain: tuple[Certificate, ...]) -> list[str]:
    """What may be missing in the chain that was sent."""
    if len(chain) != 1 or chain[0].self_signed:
        return []
    return [
        "the server sends its certificate alone: where that authority is an intermediate one, the server "
        "has to send its certificate, too (in certfile, below its own)"
    ]


def _trusted(options: TlsOptions) -> str:
    """Whom ``tls.ca`` trusts, as words; empty where it cannot be said."""
    if not options.ca or os.path.isdir(options.ca):
        return ""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(os.path.expanduser(options.ca))
    except (OSError, ssl.SSLError):
        return ""
    trusted: list[dict[str, Any]] = context.get_ca_certs()
    subjects = [distinguished_name(one["subject"]) for one in trusted]
    return f"tls.ca trusts {'; '.join(subjects[:3])}" if subjects else ""
