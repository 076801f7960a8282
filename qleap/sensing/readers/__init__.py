"""Measured data from the files that laboratories write."""
