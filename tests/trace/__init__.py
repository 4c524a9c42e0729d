"""The packet trace against what others see on the same wire."""
