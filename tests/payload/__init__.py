"""Tests of payload/."""
