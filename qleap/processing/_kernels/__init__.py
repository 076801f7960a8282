"""Compiled loops of the processing domain; each has a NumPy twin in `_reference`."""
