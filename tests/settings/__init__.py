"""Settings: reading, writing, the screen, keys."""
