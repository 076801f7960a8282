"""What dressed helium absorbs over delay: Schroedinger's equation beside few levels."""

import numpy as np

from qleap.core.constants import ELECTRONVOLT, HBAR, SPEED_OF_LIGHT
from qleap.core.style import figure, save_figure
from qleap.laser import DrivingField, Pulse, driving_field
from qleap.laser.metrology import (
    Levels,
    levels_of_atom,
    transient_absorption,
    transient_absorption_of_atom,
)
from qleap.laser.tdse import atom_model

EV = ELECTRONVOLT
attosecond = Pulse(
    shape="gaussian",
    wavelength=2.0 * np.pi * HBAR * SPEED_OF_LIGHT / (22.0 * EV),
    fwhm=300e-18,
    energy=1e-9,
)
infrared = Pulse(shape="gaussian", wavelength=800e-9, fwhm=5e-15, energy=1e-6)
pulse = driving_field(attosecond, peak_intensity=1e13, step=6e-18)  # W/m^2
dressing = driving_field(infrared, peak_intensity=1e16, step=20e-18)

width = 0.5 * EV
energies = np.linspace(18.5, 24.5, 241) * EV
delays = np.arange(-4.5e-15, 2e-15, 0.445e-15)  # a sixth of a cycle
helium = atom_model(
    dressing, "He", n_l=6, radius=40.0, radial_step=0.4, slowest=0.1, time_step=0.08
)
many = levels_of_atom(helium, width=width, shells=20, n_l=6)  # most lie above zero
few = levels_of_atom(helium, width=width, shells=3)


def whole(light: DrivingField | None, times: np.ndarray) -> np.ndarray:
    """Return cross sections by Schroedinger's equation, m^2."""
    found = transient_absorption_of_atom(
        helium, pulse, light, delays=times, energies=energies, width=width
    )
    return found["cross_section"].values


def part(levels: Levels, light: DrivingField | None, times: np.ndarray) -> np.ndarray:
    """Return those of levels alone."""
    found = transient_absorption(levels, pulse, light, delays=times, energies=energies)
    return found["cross_section"].values


print(f"solving Schroedinger's equation at {delays.size} delays ...")
bare, once = whole(None, np.zeros(1)), np.zeros(1)
changes = {
    "Schroedinger's equation": whole(dressing, delays) - bare,
    "twenty shells": part(many, dressing, delays) - part(many, None, once),
    "three shells": part(few, dressing, delays) - part(few, None, once),
}
exact = changes["Schroedinger's equation"]
largest = np.abs(exact).max()
print(f"the line at 21.1 eV absorbs {bare.max() * 1e22:.1f} Mb undressed")
print(f"light changes that by up to {largest / bare.max():.0%} of it")
missed = {
    name: float(np.sqrt(np.mean((change - exact) ** 2) / np.mean(exact**2)))
    for name, change in changes.items()
}
for name in ("twenty shells", "three shells"):
    print(f"{name} miss {missed[name]:.0%} of the change (root mean square)")

made, panels = figure(1, 3, figsize=(10.5, 3.6), sharey=True)
for panel, (name, change) in zip(panels, changes.items(), strict=True):
    drawn = panel.pcolormesh(
        delays * 1e15,
        energies / EV,
        change.T * 1e22,
        cmap="RdBu_r",
        vmin=-largest * 1e22,
        vmax=largest * 1e22,
        shading="nearest",
    )
    panel.set(xlabel="delay of the attosecond pulse (fs)", title=name)
    panel.grid(visible=False)
panels[0].set_ylabel("photon energy (eV)")
made.colorbar(drawn, ax=panels, label="change of the cross section (Mb)")
save_figure(made, "absorption_of_dressed_helium.png")
print("the picture is absorption_of_dressed_helium.png")

assert largest > 0.2 * bare.max(), "dressing changes the line"
assert missed["twenty shells"] < 0.1, "with all levels both ways are one"
assert missed["three shells"] > 0.2, "and three shells are not enough"
