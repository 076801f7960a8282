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
    pulse = samples[1] + 1j * samples[2]
    for d in range(paths.shape[1]):
        found = _turns(samples[0], paths[:, d], electrons, dipole, axis) @ pulse
        out[0, d], out[1, d] = found.real, found.imag


def volkov_turns_into(
    time: Floats,
    paths: Floats,
    electrons: Floats,
    dipole: Floats,
    axis: Floats,
    out: Floats,
) -> None:
    """Write what a pulse's samples count at one delay, as pairs ``(n_e, 2 n_t)``."""
    out.view(np.complex128)[:] = _turns(time, paths[:, 0], electrons, dipole, axis)


def _turns(
    time: Floats, path: Floats, electrons: Floats, dipole: Floats, axis: Floats
) -> NDArray[np.complex128]:
    momentum, detuning = electrons[0][:, None], electrons[1][:, None]
    along, square, position, quiver = path
    turned = np.exp(1j * (detuning * time - momentum * position - quiver))
    if dipole.shape[1] == 1:
        return np.asarray(turned)
    energies = axis[0] + axis[1] * np.arange(dipole.shape[1])
    kinetic = 0.5 * momentum**2 + momentum * along + square
    element = np.interp(kinetic, energies, dipole[0] + 1j * dipole[1])
    return np.asarray(turned * element)
