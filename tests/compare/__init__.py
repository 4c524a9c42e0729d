"""Tests of what ``compare`` measures."""
