"""How much a short pulse stretches in ten millimetres of fused silica."""

from dataclasses import replace

import numpy as np

from qleap.laser import Grid, Material, Pulse, fwhm, time_bandwidth_product

LENGTH = 10e-3  # m

pulse = Pulse(shape="gaussian", wavelength=800e-9, fwhm=20e-15, energy=1e-9)
silica = Material(name="fused silica")
print(f"index {silica.refractive_index(800e-9):.5f} ({silica.source})")

stretched = replace(
    pulse,
    gdd=silica.beta(2, 800e-9) * LENGTH,
    tod=silica.beta(3, 800e-9) * LENGTH,
)
print(f"GDD {stretched.gdd * 1e30:.1f} fs^2, TOD {stretched.tod * 1e45:.1f} fs^3")

grid = Grid.fitting(stretched)
for name, one in (("before", pulse), ("after", stretched)):
    envelope = one.envelope_on(grid)
    duration = fwhm(grid.time, np.abs(envelope) ** 2)
    product = time_bandwidth_product(grid, envelope)
    print(f"{name}: {duration * 1e15:.1f} fs, time-bandwidth product {product:.3f}")
