"""Numbers as people read them: counts, ages, sizes, rates."""

from __future__ import annotations


def count(value: int) -> str:
    """At most six characters: 999, 1.2k, 12.3k, 123k, 1.20M, 12.3M."""
    if value < 1000:
        return str(value)
    for size, suffix in ((1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")):
        scaled = value / size
        if scaled < 999.5 or suffix == "G":
            if suffix == "k":
                return f"{scaled:.1f}k" if scaled < 99.95 else f"{scaled:.0f}k"
            return f"{scaled:.2f}{suffix}" if scaled < 9.995 else f"{scaled:.1f}{suffix}"
    raise AssertionError("unreachable")


def age(seconds: float | None) -> str:
    """At most four characters: now, 1s-10s, then steps of ten seconds, 1m, 3h, 12d; — for never."""
    if seconds is None:
        return "—"
    if seconds < 1:
        return "now"
    if seconds < 60:
        whole = int(seconds)
        return f"{whole if whole <= 10 else whole // 10 * 10}s"
    for size, suffix, top in ((60, "m", 3600), (3600, "h", 86_400)):
        if seconds < top:
            return f"{int(seconds // size)}{suffix}"
    return f"{min(int(seconds // 86_400), 999)}d"


def size(value: float) -> str:
    """Bytes by 1000: 8 B, 4.8 kB, 214 MB."""
    if value < 1000:
        return f"{int(value)} B"
    for divisor, suffix in ((1e3, "kB"), (1e6, "MB"), (1e9, "GB")):
        scaled = value / divisor
        if scaled < 999.5 or suffix == "GB":
            return f"{scaled:.1f} {suffix}" if scaled < 9.95 else f"{scaled:.0f} {suffix}"
    raise AssertionError("unreachable")


def milliseconds(value: float) -> str:
    """A duration: 0.4 ms, 14 ms, 1.2 s."""
    if value < 1:
        return f"{value:.1f} ms"
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"
