"""Raw WebSocket sessions."""
