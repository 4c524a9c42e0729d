"""Protocol sessions over a link, and the supervisor that retries."""
