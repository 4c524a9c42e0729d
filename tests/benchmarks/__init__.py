"""The benchmarks work; how fast things are is not a test."""
