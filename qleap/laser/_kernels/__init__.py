"""Compiled loops of the laser domain; each has a NumPy twin in `_reference`."""
