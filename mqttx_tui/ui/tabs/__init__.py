"""The tabs of the inspector."""
