"""Looks a connection over, stage by stage, and says in plain words what is wrong with it."""
