"""The doctor against servers that are really set up wrong."""
