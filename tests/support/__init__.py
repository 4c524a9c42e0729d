"""Real brokers, servers, certificates and waiting for the tests."""
