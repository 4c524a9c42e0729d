"""Connection profiles, settings and secrets."""
