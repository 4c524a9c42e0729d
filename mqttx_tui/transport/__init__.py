"""Links: every way to open a byte or frame stream to a peer."""
