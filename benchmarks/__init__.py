"""Measurements, never part of the tests: ``make bench`` and ``make bench-full`` print the table."""
