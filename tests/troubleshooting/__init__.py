"""docs/troubleshooting.md against real failures."""
