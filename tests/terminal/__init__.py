"""What only a real terminal shows."""
