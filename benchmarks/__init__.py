"""Benchmarks: ratios against rivals in one run on this machine."""
