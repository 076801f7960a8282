"""Fits of measured spectra: lines with errors, then physics from the lines."""
