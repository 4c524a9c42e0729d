"""No secret is in any byte that is kept, sent between the parts, or shown."""
