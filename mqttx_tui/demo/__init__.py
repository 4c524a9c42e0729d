"""The embedded broker and the simulated devices."""
