"""Links and their failures, on real sockets."""
