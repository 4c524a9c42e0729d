"""What the same exchange costs on several connections: bytes at the socket, and round trips."""
