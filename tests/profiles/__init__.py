"""Profiles: reading, resolving, saving."""
