"""Dataclasses and enums that every layer shares; standard library only."""
