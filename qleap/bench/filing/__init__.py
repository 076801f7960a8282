"""A laboratory's own measurements, checked whole and stored whole."""
