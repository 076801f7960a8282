"""NumPy twin of the photoelectron amplitudes."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def volkov_amplitudes_into(
    samples: Floats,
    paths: Floats,
    electrons: Floats,
    dipole: Floats,
    axis: Floats,
    out: Floats,
) -> None:
    """Write the amplitudes of electrons over delays and energies, atomic units."""
    time, pulse = samples[0], samples[1] + 1j * samples[2]
    momentum, detuning = electrons[0][:, None], electrons[1][:, None]
    energies = axis[0] + axis[1] * np.arange(dipole.shape[1])
    for d in range(paths.shape[1]):
        along, square, position, quiver = paths[:, d]
        turned = np.exp(1j * (detuning * time - momentum * position - quiver))
        if dipole.shape[1] > 1:
            kinetic = 0.5 * momentum**2 + momentum * along + square
            turned = turned * np.interp(kinetic, energies, dipole[0])  + 1j * (
                turned * np.interp(kinetic, energies, dipole[1])
            )
        found = turned @ pulse
        out[0, d], out[1, d] = found.real, found.imag
