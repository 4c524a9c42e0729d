"""Every property of the standard, in every packet, both ways, at each broker: has it a test?

``REAL`` names the tests against mosquitto and the embedded broker; where there is none it says why.
Beside them every cell has one against a scripted broker whose packets somebody else's code writes and
reads: ``test_matrix_sent`` and ``test_matrix_received``.
"""

from __future__ import annotations

import importlib
from typing import NamedTuple

import pytest

from mqttx_tui.wire.packets import PacketType as P
from mqttx_tui.wire.properties import PROPERTIES
from tests.mqtt5 import test_matrix_received, test_matrix_sent
from tests.mqtt5.cells import (
    BROKERS,
    CLIENTS,
    FORBIDDEN_TO_BROKERS,
    FORBIDDEN_TO_CLIENTS,
    TABLE,
    VALUES,
    Cell,
    packet_named,
)
from tests.mqtt5.independent import OURS

PUBLISHED = "payload_format_indicator content_type response_topic correlation_data user"
WILLED = "payload_format_indicator message_expiry_interval content_type response_topic correlation_data user"
LIMITS = (
    "receive_maximum topic_alias_maximum maximum_packet_size maximum_qos retain_available server_keep_alive"
)
AVAILABLE = "wildcard_subscription_available subscription_identifier_available shared_subscription_available"


class Row(NamedTuple):
    """Properties of one packet at one broker (``both``): the module and the test, or why there is none."""

    way: str
    packet: str
    names: str
    broker: str
    test: str = ""
    why_not: str = ""


REAL = [
    Row(
        "sent",
        "CONNECT",
        "session_expiry_interval",
        "both",
        "test_brokers.test_a_session_is_kept_as_long_as_was_asked_last",
    ),
    Row(
        "sent",
        "CONNECT",
        "maximum_packet_size",
        "both",
        "test_brokers.test_what_is_larger_than_we_take_is_not_sent_to_us",
    ),
    Row(
        "sent",
        "CONNECT",
        "receive_maximum topic_alias_maximum request_response_information request_problem_information user",
        "mosquitto",
        "test_connect.test_a_real_broker_takes_them_all",
    ),
    Row(
        "sent",
        "CONNECT",
        "topic_alias_maximum",
        "embedded",
        "test_aliases.test_real_brokers_know_our_aliases",
    ),
    Row(
        "sent",
        "CONNECT",
        "receive_maximum request_response_information request_problem_information user",
        "embedded",
        why_not="changes nothing that a client could see of it",
    ),
    Row(
        "sent",
        "CONNECT",
        "authentication_method authentication_data",
        "mosquitto",
        "test_scram.test_a_broker_without_scram_says_so",
    ),
    Row(
        "sent",
        "CONNECT",
        "authentication_method authentication_data",
        "embedded",
        "test_scram.test_a_session_proves_its_password",
    ),
    Row("sent", "WILL", WILLED, "mosquitto", "test_will.test_every_property_is_read_by_mosquitto"),
    Row(
        "sent",
        "WILL",
        f"{WILLED} will_delay_interval",
        "embedded",
        "test_will.test_every_property_is_kept_by_the_embedded_broker",
    ),
    Row(
        "sent",
        "WILL",
        "will_delay_interval",
        "mosquitto",
        "test_brokers.test_who_comes_back_in_time_leaves_no_will",
    ),
    Row("sent", "PUBLISH", PUBLISHED, "both", "test_publish.test_a_property_of_ours_is_read_by_mosquitto"),
    Row("sent", "PUBLISH", "message_expiry_interval", "both", "test_publish.test_expiry_counts_down"),
    Row("sent", "PUBLISH", "topic_alias", "both", "test_aliases.test_real_brokers_know_our_aliases"),
    Row(
        "sent",
        "SUBSCRIBE",
        "subscription_identifier",
        "both",
        "test_subscribe.test_which_subscription_a_message_came_by",
    ),
    Row("sent", "SUBSCRIBE", "user", "both", why_not="a broker keeps it to itself"),
    Row("sent", "UNSUBSCRIBE", "user", "both", why_not="a broker keeps it to itself"),
    Row(
        "sent",
        "DISCONNECT",
        "session_expiry_interval",
        "both",
        "test_brokers.test_a_session_is_kept_as_long_as_was_asked_last",
    ),
    Row("sent", "DISCONNECT", "reason_string user", "both", why_not="a broker keeps it to itself"),
    Row(
        "sent",
        "AUTH",
        "authentication_method authentication_data",
        "embedded",
        "test_scram.test_a_session_proves_its_password",
    ),
    Row("sent", "AUTH", "reason_string user", "embedded", why_not="a broker keeps it to itself"),
    Row("sent", "AUTH", "*", "mosquitto", why_not="mosquitto knows no method without a plug-in"),
    Row("received", "CONNACK", LIMITS, "mosquitto", "test_connect.test_what_a_limited_mosquitto_allows"),
    Row(
        "received",
        "CONNACK",
        f"session_expiry_interval {LIMITS}",
        "embedded",
        "test_connect.test_what_the_embedded_broker_allows",
    ),
    Row(
        "received",
        "CONNACK",
        "authentication_method authentication_data",
        "embedded",
        "test_scram.test_a_session_proves_its_password",
    ),
    Row(
        "received",
        "CONNACK",
        "session_expiry_interval authentication_method authentication_data",
        "mosquitto",
        why_not="mosquitto 2.0 sends none",
    ),
    Row(
        "received",
        "CONNACK",
        f"response_information server_reference reason_string user {AVAILABLE}",
        "both",
        why_not="neither sends it",
    ),
    Row("received", "CONNACK", "assigned_client_identifier", "both", why_not="we always give an id"),
    Row("received", "PUBLISH", PUBLISHED, "both", "test_publish.test_a_property_of_mosquitto_is_read_by_us"),
    Row("received", "PUBLISH", "message_expiry_interval", "both", "test_publish.test_expiry_counts_down"),
    Row(
        "received",
        "PUBLISH",
        "subscription_identifier",
        "both",
        "test_subscribe.test_which_subscription_a_message_came_by",
    ),
    Row("received", "PUBLISH", "topic_alias", "embedded", "test_aliases.test_real_brokers_know_our_aliases"),
    Row("received", "PUBLISH", "topic_alias", "mosquitto", why_not="mosquitto 2.0 uses none towards clients"),
    *(
        Row("received", kind, "reason_string user", "both", why_not="neither sends it")
        for kind in ("PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBACK", "UNSUBACK")
    ),
    Row("received", "DISCONNECT", "reason_string server_reference user", "both", why_not="neither sends it"),
    Row(
        "received",
        "AUTH",
        "authentication_method authentication_data",
        "embedded",
        "test_scram.test_a_session_proves_its_password",
    ),
    Row("received", "AUTH", "reason_string user", "embedded", why_not="the embedded broker sends none"),
    Row("received", "AUTH", "*", "mosquitto", why_not="mosquitto knows no method without a plug-in"),
]


def cells_of(row: Row) -> list[tuple[str, str, Cell]]:
    """(direction, broker, cell) of a row."""
    packet = packet_named(row.packet)
    every = CLIENTS if row.way == "sent" else BROKERS
    names = [cell.name for cell in every if cell.packet == packet] if row.names == "*" else row.names.split()
    brokers = ("mosquitto", "embedded") if row.broker == "both" else (row.broker,)
    return [(row.way, broker, Cell(packet, name)) for broker in brokers for name in names]


def test_our_table_is_the_standards() -> None:
    assert {row.name: row.packets for row in PROPERTIES} == TABLE
    assert [row.name for row in PROPERTIES] == OURS == list(VALUES)


def test_what_may_not_be_sent_is_in_the_table_too() -> None:
    assert all(cell.packet in TABLE[cell.name] for cell in FORBIDDEN_TO_CLIENTS | FORBIDDEN_TO_BROKERS)
    assert {cell.name for cell in (*CLIENTS, *BROKERS)} == set(TABLE)


def test_every_cell_is_sent_or_it_is_said_why_not() -> None:
    assert {*test_matrix_sent.SENT, *test_matrix_sent.NOT_SENT} == set(CLIENTS)
    assert not {*test_matrix_sent.SENT} & {*test_matrix_sent.NOT_SENT}


def test_every_cell_is_received() -> None:
    assert set(test_matrix_received.SCRIPTS) == {cell.packet for cell in BROKERS}
    said = set(test_matrix_received.FACTS) | {"authentication_data"}
    assert said == {cell.name for cell in BROKERS if cell.packet == P.CONNACK}


def test_every_cell_is_tested_at_each_broker_or_it_is_said_why_not() -> None:
    wanted = {
        ("sent", broker, cell) for broker in ("mosquitto", "embedded") for cell in test_matrix_sent.SENT
    }
    wanted |= {("received", broker, cell) for broker in ("mosquitto", "embedded") for cell in BROKERS}
    found = [one for row in REAL for one in cells_of(row)]
    assert len(found) == len(set(found)), "a cell stands in two rows"
    assert {str(one[2]) for one in wanted - set(found)} == set()
    assert {str(one[2]) for one in set(found) - wanted} == set()


@pytest.mark.parametrize("row", REAL, ids=lambda row: f"{row.way}-{row.packet}-{row.broker}")
def test_the_test_is_there(row: Row) -> None:
    assert bool(row.test) is not bool(row.why_not)
    if row.test:
        module, _, name = row.test.partition(".")
        found = getattr(importlib.import_module(f"tests.mqtt5.{module}"), name)
        assert callable(found)
        if row.broker == "both":
            code = found.__code__
            assert {"url", "port", "mosquitto"} & set(code.co_varnames[: code.co_argcount])
