"""The levels under light as pulse sequences see them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.photophysics.levels import EXCITED, GROUND
from qleap.sensing.nv.photophysics.mixing import overlaps
from qleap.sensing.nv.photophysics.rates import NO_FIELD, RateModel
from qleap.sensing.sequences.spins import Channel, ControlledSpins

__all__ = ["controlled_spins"]

Array = NDArray[np.float64]


def controlled_spins(
    model: RateModel,
    pump_rate: float,
    field: ArrayLike = NO_FIELD,
    *,
    transitions: Mapping[str, int] | None = None,
    dephasing_rate: float = 0.0,
    window: float | None = None,
) -> ControlledSpins:
    r"""Return the seven (or ten) levels for sequences with `Laser`.

    Parameters
    ----------
    model : RateModel
    pump_rate : float
        Of a laser of power 1, 1/s.
    field : array_like, shape (3,)
        In the frame of the axis, T.
    transitions : mapping of str to int
        The channels, and whether each drives the ground level 0 to +1 or to -1;
        by default ``{"microwave": -1}``. Each channel is on resonance; see
        `ControlledSpins.detuned`.
    dephasing_rate : float
        1/T_2* of the coherences of the level 0, 1/s.
    window : float, optional
        With it, s, the readout is the expected number of photons that the centre
        emits in a window of light that follows the sequence; without it, the
        photons emitted per second at the end of the sequence.

    Returns
    -------
    ControlledSpins
        It begins as after a long laser pulse and 2 microseconds in the dark. A
        field along the axis moves the levels by what `sensitive` says.

    Notes
    -----
    Each line has a frame of its own, so that the two must be further apart than
    the Rabi frequency. Light destroys the coherences of the ground triplet.
    """
    at = checks.triple("field", field, "T")
    lines = {"microwave": -1} if transitions is None else dict(transitions)
    checks.non_negative("dephasing_rate", dephasing_rate, "1/s")
    dark = model.jumps(0.0, at)
    lit = model.jumps(checks.positive("pump_rate", pump_rate, "1/s"), at) - dark
    size = model.n_levels
    slope, projection = _slopes(model, at)
    noise = np.zeros((0, size, size), dtype=np.complex128)
    if dephasing_rate > 0.0:
        noise = np.sqrt(2.0 * dephasing_rate) * np.diag(projection)[None] + 0j
    if window is None:
        seen = model.emission_rates()
    else:
        seen = model.photons([checks.positive("window", window, "s")], pump_rate, at)[0]
    return ControlledSpins(
        static=np.zeros((size, size), dtype=np.complex128),
        channels={name: _channel(size, level) for name, level in lines.items()},
        initial=np.diag(model.polarised(pump_rate, at)).astype(np.complex128),
        readout=np.diag(seen).astype(np.complex128),
        collapse=np.concatenate([_collapse(dark), noise]),
        light=_collapse(lit),
        sensitive=np.diag(slope).astype(np.complex128),
    )


def _channel(size: int, projection: int) -> Channel:
    if projection not in (1, -1):
        raise InvalidValue(
            f"transitions must lead to +1 or -1, got {projection!r}; for instance "
            "{'microwave': -1}."
        )
    level = 1 - projection
    up = np.zeros((size, size), dtype=np.complex128)
    up[level, 1] = 0.5
    number = np.zeros(size)
    number[level] = 1.0
    return Channel(
        in_phase=up + up.conj().T, quadrature=-1j * (up - up.conj().T), number=number
    )


def _collapse(jumps: Array) -> NDArray[np.complex128]:
    """Return one operator for each jump ``[from, to]``, ``(n, d, d)``."""
    places = np.argwhere(jumps > 0.0)
    operators = np.zeros((len(places), *jumps.shape), dtype=np.complex128)
    for operator, (i, j) in zip(operators, places, strict=True):
        operator[j, i] = np.sqrt(jumps[i, j])
    return operators


def _slopes(model: RateModel, field: Array) -> tuple[Array, Array]:
    """Return how levels move with B_z, Hz/T, and the ground levels' S_z."""
    share = overlaps(model.ground, model.excited, field, model.n_levels)
    bare, projection = np.zeros(model.n_levels), np.zeros(model.n_levels)
    for centre, place in ((model.ground, GROUND), (model.excited, EXCITED)):
        bare[place] = centre.gyromagnetic_ratios[2] * np.array([1.0, 0.0, -1.0])
    projection[GROUND] = [1.0, 0.0, -1.0]
    return share @ bare, projection
