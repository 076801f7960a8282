"""A pulse that glass has stretched, compressed by gratings, prisms and mirrors.

Shows what each compressor leaves behind: gratings and glass add up in third order,
prisms of the same glass take it away, mirrors come in whole bounces.
"""

import math

import numpy as np

from qleap.core.style import save_figure
from qleap.laser import Material, Pulse
from qleap.laser.pulses import (
    Bulk,
    ChirpedMirror,
    Compressed,
    GratingPair,
    PrismPair,
    compress,
    compression_quality,
    peak_intensity,
    plot_pulse,
    through,
    transform_limited,
)

SILICA = Material(name="fused silica")

pulse = Pulse(shape="sech", wavelength=1030e-9, fwhm=30e-15, energy=10e-6)
stretched = through(pulse, Bulk(material=SILICA, length=40e-3))
print(f"stretched: {stretched.peak_power / 1e6:.0f} MW, quality "
      f"{compression_quality(stretched):.3f}")  # fmt: skip


def report(name: str, unit: str, found: Compressed, scale: float) -> None:
    """Print what a compressor reached and at which setting."""
    print(f"{name}: {found.settings[0] * scale:.4g} {unit}, "
          f"{found.fwhm * 1e15:.1f} fs, quality {found.quality:.3f}")  # fmt: skip


gratings = compress(
    stretched,
    lambda separation: GratingPair(
        line_density=300e3, separation=separation, incidence=math.radians(9.0)
    ),
    [(1e-4, 2e-2)],
)
report("gratings", "mm apart", gratings, 1e3)

prisms = compress(
    stretched,
    lambda separation: PrismPair(
        material=SILICA,
        wavelength=1030e-9,
        separation=separation,
        insertion=(3e-3, 3e-3),
    ),
    [(0.2, 2.0)],
)
report("prisms", "m apart", prisms, 1.0)

wavelength = np.linspace(900e-9, 1200e-9, 301)
through_silica = SILICA.beta(2, 1030e-9) * 40e-3 * 1e30  # fs^2
best = max(
    (
        through(
            stretched,
            ChirpedMirror(
                wavelength=wavelength,
                gdd=np.full(wavelength.size, -100e-30),
                bounces=bounces,
            ),
        ).peak_power,
        bounces,
    )
    for bounces in range(1, 16)
)
print(f"mirrors of -100 fs^2: {best[1]} bounces, {best[0] / 1e6:.0f} MW")

limit = transform_limited(stretched).peak_power
focused = peak_intensity(10e-6, gratings.fwhm, shape="sech", waist=20e-6)
print(f"limit {limit / 1e6:.0f} MW; {focused * 1e-4:.2g} W/cm^2 in a waist of 20 um")
print(f"written to {save_figure(plot_pulse(gratings.pulse), 'compressed.png')}")

assert max(gratings.pulse.peak_power, prisms.pulse.peak_power, best[0]) < limit
assert best[1] == round(through_silica / 100.0), "mirrors undo the glass's 40 mm"
