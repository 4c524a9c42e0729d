"""The capture engine: process, control channel, client."""
