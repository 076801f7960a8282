"""Double femtosecond pulses in BBO and in poled lithium niobate, with depletion."""

import math

from qleap.core.style import save_figure
from qleap.laser import Poling, Pulse, plot_conversion, propagate_crystal
from qleap.laser.media import Crystal, ThreeWaveMixing

# Titanium-sapphire light in a crystal that its group delay does not yet take apart.
pulse = Pulse(shape="sech", wavelength=800e-9, fwhm=100e-15, energy=100e-6)
for length in (0.2e-3, 0.5e-3, 1e-3):
    light = propagate_crystal(
        {"o": pulse},
        Crystal(name="BBO"),
        length=length,
        phase_matched="ooe",
        waist=2e-3,
    )
    efficiency = float(light["efficiency"].sel(band=400e-9, position=length))
    print(f"BBO, {length * 1e3:g} mm: {100 * efficiency:.1f} % at 400 nm")

# Telecom light in domains that turn the sign of the nonlinearity.
niobate = Crystal(name="MgO:LiNbO3")
period = ThreeWaveMixing.second_harmonic(niobate, 1550e-9, "eee").poling_period()
pulse = Pulse(shape="sech", wavelength=1550e-9, fwhm=200e-15, energy=0.2e-9)
poled = propagate_crystal(
    {"e": pulse},
    niobate,
    length=40 * period,
    theta=math.pi / 2,
    waist=20e-6,
    poling=Poling(period=period),
)
efficiency = float(poled["efficiency"].sel(band=775e-9)[-1])
print(f"niobate, periods of {period * 1e6:.2f} um: {100 * efficiency:.1f} % at 775 nm")

print(f"written to {save_figure(plot_conversion(light), 'doubled.png')}")

energy = light["energy"].sum("polarisation").values
assert abs(energy[-1] / energy[0] - 1.0) < 1e-5, "no energy is lost"
