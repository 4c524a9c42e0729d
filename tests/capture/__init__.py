"""Tests of the capture file."""
