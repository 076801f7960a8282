"""Pulses from what is measured of them."""

from qleap.core import lazy

__all__: list[str] = []
__getattr__, __dir__ = lazy.attach(__name__, {})
