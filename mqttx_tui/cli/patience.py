"""A limit to what a regular expression may take over one message, where nothing else could stop it.

Python holds the interpreter lock while a pattern backtracks; only a signal gets in, and only in the
main thread, where commands look at their messages.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 2.0
"""Seconds."""
T = TypeVar("T")


class _TooLong(Exception):
    pass


def patient(test: Callable[[T], bool], given_up: Callable[[], None]) -> Callable[[T], bool]:
    """``test``, but False after ``PATIENCE`` seconds over one message; ``given_up`` is called then.

    Outside of the main thread, or where there are no interval timers (Windows), ``test`` as it is.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return test

    def stop(number: int, frame: object) -> None:
        raise _TooLong

    signal.signal(signal.SIGALRM, stop)

    def limited(subject: T) -> bool:
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        try:
            return test(subject)
        except _TooLong:
            given_up()
            return False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    return limited
