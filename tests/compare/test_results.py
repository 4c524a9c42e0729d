"""Medians, percentiles and public figures."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.compare.figures import FIGURES, HEADERS, OPENING, estimate, frames, segments
from mqttx_tui.compare.results import Both, Cost, Publishing, Reading, Result, Times, between, typical
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import V5, Puback, Publish, Suback, Subscribe, Subscription
from tests.compare.measuring import frame

NOTHING = Both()
TOPIC = "test/topic/13"


def cost(sent: int, received: int, writes: int = 1, reads: int = 1) -> Cost:
    return Cost(Both(sent, received), NOTHING, NOTHING, NOTHING, NOTHING, Both(writes, reads))


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_the_median_and_the_95th_of_100(samples: list[float]) -> None:
    times = Times(tuple(samples))
    assert times.median == pytest.approx(statistics.median(samples))
    no_longer = sum(one <= times.p95 for one in samples)
    assert no_longer * 100 >= 95 * len(samples)
    shorter = sum(one < times.p95 for one in samples)
    assert shorter * 100 < 95 * len(samples), "a shorter one would have done"


def test_the_95th_of_a_hundred_is_the_95th() -> None:
    assert Times(tuple(range(100, 0, -1))).p95 == 95
    assert Times((7.0,)).p95 == 7.0


def test_the_typical_one_is_in_the_middle() -> None:
    assert typical([cost(9, 0), cost(5, 1), cost(5, 2)]).wire == Both(5, 2)
    assert typical([cost(5, 1), cost(90, 90)]).wire == Both(5, 1)


def test_each_byte_belongs_to_one_layer() -> None:
    later = Reading(Both(1000, 900), Both(100, 90), Both(600, 500), Both(50, 40), Both(9, 8))
    found = between(Reading(), later)
    assert (found.before, found.tls, found.websocket, found.mqtt) == (
        *(Both(100, 90), Both(300, 310)),
        *(Both(550, 460), Both(50, 40)),
    )


def test_what_the_public_figures_are_made_of() -> None:
    """MQTT 5, a topic of 13 bytes, and two segments with data, each acknowledged by one without."""
    subscribe = len(encode(Subscribe(1, (Subscription(TOPIC, 0),)), V5))
    suback = len(encode(Suback(1, (0,)), V5))
    publish = len(encode(Publish(TOPIC, bytes(256), 1, packet_id=1), V5))
    puback = len(encode(Puback(1), V5))
    result = Result("", "", subscribe=cost(subscribe, suback))
    result.publishings = [
        Publishing(1, 256, 1, cost(publish, puback), cost(0, 0), Times((1.0,)), Times((1.0,)))
    ]
    _, public_subscribe, public_publish = FIGURES
    assert estimate(result, public_subscribe) == public_subscribe.tcp == 27 + 4 * HEADERS
    assert estimate(result, public_publish) == public_publish.tcp == 281 + 4 * HEADERS
    masked = frame(subscribe, masked=True) + frame(suback, masked=False) + 4 * HEADERS
    assert masked == public_subscribe.websocket
    masked = frame(publish, masked=True) + frame(puback, masked=False) + 4 * HEADERS
    assert masked == public_publish.websocket


def test_an_estimate_of_frames() -> None:
    assert segments(cost(10, 0, 1, 0)) == 1
    assert segments(cost(1449, 4, 1, 1)) == 3, "more than fits into one segment"
    assert segments(cost(100, 4, 3, 1)) == 4, "three writes are three segments"
    assert frames(cost(10, 0, 1, 0)) == 10 + 2 * HEADERS
    assert frames(cost(10, 0, 1, 0), opening=True) == 10 + 2 * HEADERS + OPENING
