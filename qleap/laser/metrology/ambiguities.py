"""What a trace does not say of its pulse, and pulses compared in spite of it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.core.errors import InvalidKind
from qleap.laser.grid import Grid
from qleap.laser.metrology.schemes import (
    Frog,
    InterferometricFrog,
    Scheme,
)
from qleap.laser.pulses.light import Light, check_light
from qleap.laser.pulses.sampled import SampledPulse

__all__ = [
    "Comparison",
    "ambiguities",
    "centred",
    "compare_pulses",
    "has_direction",
    "reversed_in_time",
    "rises",
]

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

GAP: Final = 1e-3
"""Share of the peak below which a gap separates two parts."""

PART: Final = 0.01
"""Share of the energy from which a part counts."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """A retrieved pulse beside the known one.

    Parameters
    ----------
    error : float
        Root of the summed squared difference of the spectra over the known one's
        square, at the best scale.
    pulse : SampledPulse
        The retrieved one, scaled and moved to where the known one is.
    reversed : bool
        Whether its time had to be turned around.
    """

    error: float
    pulse: SampledPulse
    reversed: bool


def compare_pulses(
    found: SampledPulse, known: Light, *, either_direction: bool = False
) -> Comparison:
    """Return the difference of two pulses that is no matter of ambiguities.

    Scale, phase and delay are free, and the direction of time where
    ``either_direction`` says so.

    Parameters
    ----------
    found : SampledPulse
    known : Light
    either_direction : bool
        True for second-harmonic FROG, plain or interferometric.

    Notes
    -----
    The measure of Geib et al., Optica 6, 495 (2019).
    """
    if not isinstance(found, SampledPulse):
        raise InvalidKind(
            f"found must be a SampledPulse such as `Retrieved.pulse`, got "
            f"{found!r:.60}; to_samples(pulse, grid) makes one."
        )
    check_light("known", known)
    grid = found.grid
    wanted = grid.to_frequency(known.envelope_on(grid))
    tried = [found.samples]
    if either_direction:
        tried.append(reversed_in_time(found.samples))
    results = [_matched(grid, grid.to_frequency(each), wanted) for each in tried]
    which = int(np.argmin([error for error, _ in results]))
    error, spectrum = results[which]
    pulse = SampledPulse(grid=grid, samples=grid.to_time(spectrum))
    return Comparison(error=error, pulse=pulse, reversed=which == 1)


def _matched(grid: Grid, given: Complex, wanted: Complex) -> tuple[float, Complex]:
    """Return the least relative difference over scale, phase and delay."""
    product = given.conj() * wanted
    fine = 8
    padded = np.zeros(fine * grid.n_points, dtype=np.complex128)
    order = np.round(grid.detuning * grid.window / (2.0 * np.pi)).astype(int)
    padded[order] = product
    # sum of product exp(-i Omega tau) over delays a fraction of a step apart
    overlap = np.abs(np.fft.fft(padded))
    delay = float(np.argmax(overlap)) * grid.step / fine
    for _ in range(6):  # Newton steps to the top of |overlap|^2
        turned = product * np.exp(-1j * grid.detuning * delay)
        at, first = turned.sum(), np.sum(-1j * grid.detuning * turned)
        second = np.sum(-(grid.detuning**2) * turned)
        slope = 2.0 * np.real(np.conj(at) * first)
        bend = 2.0 * np.real(np.conj(at) * second + np.conj(first) * first)
        if bend >= 0.0:
            break
        delay -= float(slope / bend)
    moved = given * np.exp(1j * grid.detuning * delay)
    factor = np.vdot(moved, wanted) / np.vdot(moved, moved)
    moved = moved * factor
    off = np.linalg.norm(moved - wanted) / np.linalg.norm(wanted)
    return float(off), np.asarray(moved)


def reversed_in_time(envelope: Complex) -> Complex:
    """Return the conjugate of an envelope at opposite times."""
    return np.asarray(np.roll(envelope[::-1], 1).conj())


def has_direction(scheme: Scheme) -> bool:
    """Return whether a trace tells the direction of time."""
    gated = isinstance(scheme, Frog | InterferometricFrog)
    return not (gated and scheme.nonlinearity == "shg")


def centred(grid: Grid, envelope: Complex) -> Complex:
    """Return an envelope whose middle is at time zero, and real at its peak."""
    power = np.abs(envelope) ** 2
    turn = np.sum(power * np.exp(2j * np.pi * grid.time / grid.window))
    delay = float(np.angle(turn)) * grid.window / (2.0 * np.pi)
    spectrum = grid.to_frequency(envelope) * np.exp(-1j * grid.detuning * delay)
    moved = grid.to_time(spectrum)
    phase = np.angle(moved[np.argmax(np.abs(moved))])
    return np.asarray(moved * np.exp(-1j * phase))


def rises(grid: Grid, envelope: Complex) -> bool:
    """Return whether, on the whole, the frequency of an envelope rises with time."""
    spectrum = grid.to_frequency(envelope)
    moment = grid.to_frequency(envelope * grid.time)
    late = np.real(spectrum.conj() * moment)
    weight = np.abs(spectrum) ** 2
    middle = np.sum(weight * grid.detuning) / weight.sum()
    return bool(np.sum(late * (grid.detuning - middle)) >= 0.0)


def ambiguities(scheme: Scheme, grid: Grid, envelope: Complex, chosen: str) -> tuple[
    str, ...
]:  # fmt: skip
    """Return sentences on what the trace leaves open, and what was taken.

    Parameters
    ----------
    scheme : Scheme
    grid : Grid
    envelope : ndarray of complex, shape (n,)
    chosen : str
        How the direction of time was chosen, where that was needed.
    """
    said = [
        "delay: not in the trace; the middle of the energy is at t = 0",
        "carrier-envelope phase: not in the trace; 0 at the peak",
    ]
    if not has_direction(scheme):
        said.append(f"direction of time: not in the trace; {chosen}")
    density = np.fft.fftshift(np.abs(grid.to_frequency(envelope)) ** 2)
    count = _parts(density)
    if count > 1:
        said.append(
            f"spectrum: {count} parts with gaps darker than {GAP:g} of the peak; their "
            "relative phases may be arbitrary"
        )
    count = _parts(np.abs(envelope) ** 2)
    if count > 1 and scheme.nonlinearity in ("shg", "thg"):
        turn = "pi" if scheme.nonlinearity == "shg" else "2 pi / 3"
        said.append(
            f"time: {count} parts with gaps darker than {GAP:g} of the peak; where "
            f"they do not overlap, multiples of {turn} between their phases are open"
        )
    return tuple(said)


def _parts(power: Floats) -> int:
    """Return how many bright parts are separated by dark gaps."""
    lit = power > GAP * power.max()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], lit.astype(int), [0]])))
    shares = [power[a:b].sum() for a, b in edges.reshape(-1, 2)]
    return sum(share > PART * power.sum() for share in shares)
