"""Compiled loops of the sensing domain; each has a NumPy twin in `_reference`."""
