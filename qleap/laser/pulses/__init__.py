"""Light before it meets anything: pulses and what is measured of them."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.laser.pulses.pulse import SHAPES, Pulse
    from qleap.laser.pulses.widths import fwhm, spectral_extent, time_bandwidth_product

__all__ = [
    "SHAPES",
    "Pulse",
    "fwhm",
    "spectral_extent",
    "time_bandwidth_product",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "Pulse": "pulse",
        "SHAPES": "pulse",
        "fwhm": "widths",
        "spectral_extent": "widths",
        "time_bandwidth_product": "widths",
    },
)
