"""Which real servers are really set up wrongly: at least twenty-five ways, none of them played by a test."""

from __future__ import annotations

import importlib
import inspect
from typing import Any, NamedTuple

import pytest


class Setup(NamedTuple):
    """One server that is set up wrongly."""

    server: str
    what: str
    module: str
    test: str
    parameter: str


_SECTIONS = {
    ("mosquitto", "test_broker_setups"): """
        password_file: the wrong password | test_credentials | wrong-word
        password_file: an unknown user | test_credentials | nobody
        allow_anonymous false: no user name | test_credentials | no user name
        a user name without a password | test_credentials | no password
        clientid_prefixes | test_a_client_id_without_the_prefix_that_is_wanted
        acl_file: only read | test_an_access_list_that_forbids_to_publish
        acl_file: only write | test_an_access_list_that_forbids_to_read
        max_keepalive | test_a_keepalive_over_the_limit
        retain_available false | test_no_retained_messages
        max_qos | test_a_lower_maximum_qos
        max_packet_size | test_messages_larger_than_the_largest_packet
    """,
    ("mosquitto", "test_real_setups"): """
        dynamic security: no subscriptions | test_nobody_may_subscribe
        max_connections | test_a_broker_that_is_full
        message_size_limit | test_messages_that_are_too_large_for_it
        an authentication method without a plug-in | test_a_method_that_it_does_not_know
        local connections only | test_a_listener_for_its_own_machine_alone
        ws to the port of wss | test_without_tls_on_a_secure_websocket
        certfile: no intermediate authority | test_an_intermediate_authority_that_is_not_sent
        require_certificate: an expired one | test_a_client_certificate_that_has_expired
        psk_file without a certificate | test_pre_shared_keys_alone
        ciphers that do not fit | test_a_cipher_that_does_not_fit_the_certificate
    """,
    ("mosquitto", "test_network_setups"): """
        WebSocket to the port of MQTT | test_websocket_on_an_mqtt_port
        MQTT to the port of WebSocket | test_mqtt_on_a_websocket_port
        wss to the port of ws | test_wss_on_a_ws_port
    """,
    ("mosquitto", "test_tls_setups"): """
        TLS to a plain port | test_tls_on_a_plain_port
        plain to a port of TLS | test_plain_on_a_tls_port
        the wrong tls.ca | test_the_wrong_authority
        no tls.ca | test_an_authority_that_this_system_does_not_know
        certfile: signed by itself | test_a_certificate_that_signed_itself
        certfile: expired | test_a_certificate_whose_time_it_is_not | -30
        certfile: not valid yet | test_a_certificate_whose_time_it_is_not | 30
        certfile: expires soon | test_a_certificate_that_expires_soon
        certfile: another name | test_a_certificate_for_another_name
        require_certificate: none is sent | test_a_client_certificate | missing
        require_certificate: another authority | test_a_client_certificate | wrong
    """,
    ("serve", "test_network_setups"): """
        the broker is under another path | test_a_path_that_leads_nowhere_beside_one_that_does
        a server without the subprotocol | test_a_server_without_the_subprotocol
        its clock is wrong | test_a_clock_that_is_wrong
    """,
    ("serve", "test_frames"): """
        another subprotocol, no compression | test_what_was_asked_for_and_not_given
        it wants a login | test_a_server_that_wants_a_login
    """,
    ("serve", "test_real_websockets"): """
        a wrong basic login | test_a_login_that_is_missing_or_wrong
        a forbidden origin | test_an_origin_that_is_not_allowed
        a subprotocol is wanted | test_a_subprotocol_that_the_server_insists_on
        ws to the port of wss | test_plain_to_a_secure_server
    """,
    ("openssl", "test_tls_setups"): """
        TLS 1.1 alone | test_an_old_version_of_tls_only
        another ALPN | test_an_alpn_that_the_server_refuses
    """,
}
"""By server and module: what is wrong | the test that has the hint | its parameter."""


def _setups() -> list[Setup]:
    found = []
    for (server, module), text in _SECTIONS.items():
        for line in text.strip().splitlines():
            what, test, parameter = [*(part.strip() for part in line.split(" | ")), ""][:3]
            found.append(Setup(server, what, module, test, parameter))
    return found


SETUPS = _setups()
MOSQUITTO = {"mosquitto", "start_mosquitto", "start_secure"}
SERVERS = {"serve", "serving", "behind"}


def function(setup: Setup) -> Any:
    """The test."""
    return getattr(importlib.import_module(f"tests.doctor.{setup.module}"), setup.test)


def test_twenty_five_and_more() -> None:
    assert len({(setup.server, setup.what) for setup in SETUPS}) == len(SETUPS)
    assert len([setup for setup in SETUPS if setup.server == "mosquitto"]) >= 25


@pytest.mark.parametrize("setup", SETUPS, ids=lambda setup: f"{setup.server}-{setup.what}")
def test_the_server_is_real_and_the_hint_is_looked_at(setup: Setup) -> None:
    test = function(setup)
    fixtures, names = set(inspect.signature(test).parameters), set(test.__code__.co_names)
    if setup.server == "mosquitto":
        assert fixtures & MOSQUITTO
    elif setup.server == "serve":
        assert names & SERVERS
    else:
        assert "openssl" in names
    assert "monkeypatch" not in fixtures
    assert not names & {"broker", "ScriptedBroker", "talking"}
    assert {"advises", "check_of", "failure"} & names
    if setup.parameter:
        marks = [mark for mark in test.pytestmark if mark.name == "parametrize"]
        assert any(setup.parameter in str(mark.args[1]) for mark in marks)
