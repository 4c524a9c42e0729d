"""Payload decoders and encoders."""
