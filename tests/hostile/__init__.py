"""Text from outside that tries to be more than text."""
