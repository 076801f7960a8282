"""Where fits of the Hamiltonian to one or several spectra start."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qleap.sensing.fitting.hamiltonian_images import turn_vector
from qleap.sensing.fitting.hamiltonian_search import Guess, search_jointly
from qleap.sensing.fitting.hamiltonian_start import complete, guess_fields
from qleap.sensing.fitting.trace import Problem
from qleap.sensing.models.hamiltonian import FIELD, HamiltonianSpectrum
from qleap.sensing.nv.axes import canonical_field, cube_symmetries
from qleap.sensing.spectrum import Spectrum

__all__ = ["find_starts", "match_orientation"]

Array = NDArray[np.float64]

BEST: Final = 4
"""Matches that are fitted."""


def find_starts(
    problem: Problem,
    models: tuple[HamiltonianSpectrum, ...],
    spectra: Sequence[Spectrum],
    given: Mapping[str, float] | None,
) -> tuple[list[Array], str]:
    """Return start values of all parameters, several where it is open, and whence."""
    known = dict(given or {})
    if all(name in known for name in FIELD):
        guesses = [
            _around(model, known, one)
            for model, one in zip(models, spectra, strict=True)
        ]
        return [_begin(problem, guesses, known)], "the given field"
    seen = [
        guess_fields(model, one.frequency, one.signal)
        for model, one in zip(models, spectra, strict=True)
    ]
    starts = []
    for guess, turn in _candidates(models, spectra, seen):
        base = models[0].rotation(np.zeros(len(models[0].names)))
        guesses = [
            complete(
                model,
                one.frequency,
                one.signal,
                replace(guess, field=base @ (guess.field + np.asarray(model.bias))),
            )
            for model, one in zip(models, spectra, strict=True)
        ]
        if models[0].turned:
            vector = turn_vector(turn @ base.T)
            known |= dict(zip(models[0].names[4:7], map(float, vector), strict=True))
        starts.append(_begin(problem, guesses, known))
    return starts, seen[0][0].source


def _candidates(
    models: tuple[HamiltonianSpectrum, ...],
    spectra: Sequence[Spectrum],
    fields: Sequence[Sequence[Guess]],
) -> list[tuple[Guess, Array]]:
    """Return fields in the laboratory with orientations of the crystal."""
    base = models[0].rotation(np.zeros(len(models[0].names)))
    biases = np.array([model.bias for model in models])
    if len(models) == 1:
        return [
            (replace(one, field=base.T @ one.field - biases[0]), base)
            for one in fields[0]
        ]
    if models[0].turned and len(models) > 2:
        seen = [each[0] for each in fields]
        totals = np.array([guess.field for guess in seen])
        pairs = match_orientation(totals, biases, base)
        return [(replace(seen[0], field=field), turn) for field, turn in pairs]
    data = [(one.frequency, one.signal) for one in spectra]
    return [(guess, base) for guess in search_jointly(models, data, fields)]


def _around(
    model: HamiltonianSpectrum, known: Mapping[str, float], spectrum: Spectrum
) -> dict[str, float]:
    """Return start values for a given field."""
    span = float(np.ptp(spectrum.frequency))
    widths = [v for name, v in known.items() if name.startswith("fwhm")]
    field = np.array([known[name] for name in FIELD]) + np.asarray(model.bias)
    guess = Guess(
        field=model.rotation(np.zeros(len(model.names))) @ field,
        splitting=known.get("zero_field_splitting", model.centre.zero_field_splitting),
        fwhm=widths[0] if widths else span / 50.0,
        source="",
    )
    return complete(model, spectrum.frequency, spectrum.signal, guess)


def _begin(
    problem: Problem, guesses: Sequence[Mapping[str, float]], known: Mapping[str, float]
) -> Array:
    """Return start values of the problem from those of each spectrum."""
    values: dict[str, float] = {}
    for model, guess in zip(problem.models, guesses, strict=True):
        for name, value in zip(model.names, guess.values(), strict=True):
            values.setdefault(name, value)
    return problem.start({**values, **known})


def match_orientation(
    seen: Array, biases: Array, rotation: Array
) -> list[tuple[Array, Array]]:
    """Return fields (T) and orientations, best first; three spectra or more.

    Parameters
    ----------
    seen : ndarray, shape (n, 3)
        Fields along the cubic axes up to signs and order, of each spectrum.
    biases : ndarray, shape (n, 3)
        Known fields in the laboratory.
    rotation : ndarray, shape (3, 3)
        About the crystal's, see `axis_rotations`.

    Notes
    -----
    Of the 24 equivalent orientations the one nearest to ``rotation`` is taken.
    Differences of the fields in the crystal are turned differences of the biases.
    Each choice of signs and orders gives a rotation by Kabsch, Acta Cryst. A 32, 922
    (1976); those that turn the known differences into the seen ones are kept.
    """
    far = np.argsort(np.linalg.norm(biases - biases[0], axis=1))[::-1][:2]
    known = biases[far] - biases[0]
    found = []
    for sign, first, second in _choices(seen, far, known):
        differences = np.array([first, second]) - sign * seen[0]
        turn = _kabsch(known, differences)
        field = turn.T @ (sign * seen[0]) - biases[0]
        totals = (field + biases) @ turn.T
        missed = np.sum((canonical_field(totals) - canonical_field(seen)) ** 2)
        found.append((float(missed), field, _nearest(turn, rotation)))
    found.sort(key=lambda one: one[0])
    return [(field, turn) for _, field, turn in found[:BEST]]


def _choices(
    seen: Array, far: NDArray[np.int64], known: Array
) -> Iterator[tuple[float, Array, Array]]:
    """Yield signs and images of two fields whose differences have the right lengths."""
    images = cube_symmetries()
    lengths = np.linalg.norm(known, axis=1)
    inner = float(known[0] @ known[1])
    for sign in (1.0, -1.0):
        nearest = []
        for k, length in zip(far, lengths, strict=True):
            each = images @ seen[k]
            apart = np.abs(np.linalg.norm(each - sign * seen[0], axis=1) - length)
            nearest.append(each[np.argsort(apart)[:12]])
        pairs = list(product(*nearest))
        products = [
            abs(float((a - sign * seen[0]) @ (b - sign * seen[0])) - inner)
            for a, b in pairs
        ]
        for k in np.argsort(products)[:24]:
            yield (sign, *pairs[k])


def _kabsch(known: Array, turned: Array) -> Array:
    """Return the rotation that turns rows of ``known`` into those of ``turned``."""
    left, _, right = np.linalg.svd(turned.T @ known)
    sign = np.sign(np.linalg.det(left @ right))
    return np.asarray(left @ np.diag([1.0, 1.0, sign]) @ right)


def _nearest(turn: Array, rotation: Array) -> Array:
    """Return the equivalent orientation nearest to ``rotation``."""
    turns = [g for g in cube_symmetries() if np.linalg.det(g) > 0.0]
    return max((g @ turn for g in turns), key=lambda one: np.trace(one @ rotation.T))
