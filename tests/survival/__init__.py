"""Brokers that die at random moments, and what is left in the capture afterwards."""
