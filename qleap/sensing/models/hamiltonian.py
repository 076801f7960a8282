"""Spectra of all axes from the Hamiltonian as a model of a trace."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.fitting.model import LineModel
from qleap.sensing.models.base import TraceModel
from qleap.sensing.models.parameter import Parameter
from qleap.sensing.nv.axes import axis_rotations, rotation_gradient, rotation_matrices
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.gradient import AxisLines, axis_lines
from qleap.sensing.nv.temperature import (
    HIGHEST,
    LOWEST,
    zero_field_splitting,
    zero_field_splitting_slope,
)

__all__ = ["HamiltonianSpectrum"]

Array = NDArray[np.float64]

FIELD: Final = ("field_x", "field_y", "field_z")
TURN: Final = ("turn_x", "turn_y", "turn_z")
SHARED: Final = ("common", "axes", "lines")
MIDDLE: Final = 2.87e9
"""Hz; where a background's slope turns it."""

STRAINS: Final = ("none", "axial", "common", "axes")
SIZES: Final = {"field": 1e-3, "turn": 0.1, "m_": 1e5}
"""What a change of parameters that may be zero is compared with."""


@dataclass(frozen=True, kw_only=True, eq=False)
class HamiltonianSpectrum(TraceModel):
    r"""ODMR of an ensemble over the frequency (Hz), its lines from the Hamiltonian.

    Parameters of the model are the field in the laboratory, D or the temperature,
    perhaps a turn of the crystal and strain, and widths, contrasts and a background.

    Parameters
    ----------
    lines : LineModel
        Shape, hyperfine structure and background (not ``"auto"``), a polynomial of
        the distance from 2.87 GHz.
    centre : NVCentre
        Its g-factors and strain; its D is not used.
    axes : tuple of int
        Which of the four axes are there.
    bias : array_like, shape (3,)
        A known field in the laboratory that adds to the one looked for, T.
    crystal_from_lab : array_like, shape (3, 3), optional
        See `axis_rotations`.
    turned : bool
        Whether the crystal is turned further by a rotation vector ``turn_x``,
        ``turn_y``, ``turn_z`` (rad, in the frame of the cubic axes).
    thermometer : bool
        Whether ``temperature`` (K) is the parameter in place of
        ``zero_field_splitting``.
    strain : str
        none; axial: a shift ``m_z`` of each axis, which add up to zero (their mean is
        a part of D); common: ``m_x`` and ``m_y`` in the frame of each axis, the same
        for all; axes: all three for each axis. One spectrum determines axial strain;
        the others take priors, or spectra with several biases.
    widths, contrasts : str
        common, axes, or lines: which lines share a parameter.
    drive : array_like, shape (3,), optional
        Direction of a linearly polarised microwave in the laboratory: contrasts are
        then multiplied with the strengths of the lines (`Transitions.weights`).
    """

    lines: LineModel = dataclasses.field(
        default_factory=lambda: LineModel(background="constant")
    )
    centre: NVCentre = dataclasses.field(default_factory=NVCentre)
    axes: tuple[int, ...] = (0, 1, 2, 3)
    bias: ArrayLike = (0.0, 0.0, 0.0)
    crystal_from_lab: ArrayLike | None = None
    turned: bool = False
    thermometer: bool = False
    strain: str = "none"
    widths: str = "common"
    contrasts: str = "common"
    drive: ArrayLike | None = None

    def __post_init__(self) -> None:
        if self.lines.background == "auto":
            raise InvalidValue(
                "background of the lines must be 'constant', 'linear' or 'quadratic', "
                "got 'auto'."
            )
        if not self.axes or not set(self.axes) <= {0, 1, 2, 3}:
            raise InvalidValue(f"axes must be some of 0, 1, 2 and 3, got {self.axes}.")
        checks.one_of("strain", self.strain, STRAINS)
        checks.one_of("widths", self.widths, SHARED)
        checks.one_of("contrasts", self.contrasts, SHARED)
        for name, given, unit in (("bias", self.bias, "T"), ("drive", self.drive, "1")):
            if given is not None:
                vector = checks.vector(name, given, unit)
                if vector.size != 3 or (name == "drive" and not np.any(vector)):
                    raise InvalidValue(
                        f"{name} must be a vector of 3 components, got {given}."
                    )
        axis_rotations(self.crystal_from_lab)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Field, D or temperature, turn, strain, widths, contrasts, background."""
        found = [Parameter(name, "T") for name in FIELD]
        if self.thermometer:
            found.append(Parameter("temperature", "K", low=LOWEST, high=HIGHEST))
        else:
            found.append(Parameter("zero_field_splitting", "Hz", low=0.0))
        found += [Parameter(name, "rad") for name in TURN if self.turned]
        found += [Parameter(name, "Hz") for name, _, _ in self._strain_terms()]
        found += [
            Parameter(name, "Hz", low=0.0) for name in self.shared("fwhm", self.widths)
        ]
        found += [
            Parameter(name, "signal")
            for name in self.shared("contrast", self.contrasts)
        ]
        if self.lines.mixes:
            found.append(Parameter("lorentzian_share", "1", low=0.0, high=1.0))
        units = ("signal", "signal/Hz", "signal/Hz^2")[: self.lines.degree + 1]
        names = ("background", "background_slope", "background_curvature")
        return (*found, *map(Parameter, names, units))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters in their order."""
        return tuple(one.name for one in self.parameters)

    def shared(self, name: str, how: str) -> tuple[str, ...]:
        """Return the names of the widths or contrasts: 1, one an axis or one a line."""
        if how == "common":
            return (name,)
        if how == "axes":
            return tuple(f"{name}_{k + 1}" for k in self.axes)
        both = ("lower", "upper")
        return tuple(f"{name}_{k + 1}_{end}" for k in self.axes for end in both)

    def rotation(self, values: Array) -> Array:
        """Return ``crystal_from_lab`` with the turn; ``values`` may have rows."""
        if not self.turned:
            return self._base
        return np.asarray(rotation_matrices(values[..., 4:7]) @ self._base)

    @property
    def _base(self) -> Array:
        given = np.eye(3) if self.crystal_from_lab is None else self.crystal_from_lab
        return np.asarray(given, dtype=np.float64)

    @property
    def _drive(self) -> Array:
        """Unit vector of the drive in the laboratory."""
        given = np.asarray(self.drive, dtype=np.float64)
        return np.asarray(given / np.linalg.norm(given))

    def positions(self, values: ArrayLike | dict[str, float]) -> Array:
        """Return the lower and upper line of each axis, Hz, shape ``(n_axes, 2)``."""
        found: Array = self._axis_lines(self.ordered(values)).frequencies
        return found

    def scales(self, x: Array, values: Array) -> Array:  # noqa: ARG002
        """Return sizes that do not vanish with the field, the turn or the strain."""
        least = [
            next((size for start, size in SIZES.items() if name.startswith(start)), 0.0)
            for name in self.names
        ]
        return np.maximum(np.maximum(np.abs(values), least), 1e-12)

    def _evaluate(self, x: Array, values: Array) -> Array:
        (found,) = self._evaluate_many(x, values[None])
        return np.asarray(found)

    def _evaluate_many(self, x: Array, values: Array) -> Array:
        from qleap.sensing._kernels.lines import multiplet_sum

        offsets = self.lines.offsets()
        every = self._kernel_lines(values, self._axis_lines(values))
        dips = [multiplet_sum(x, lines, offsets) for lines in every]
        n = self.lines.degree + 1
        return np.asarray(values[:, -n:] @ self._powers(x) - np.array(dips))

    def _jacobian(self, x: Array, values: Array) -> Array:
        from qleap.sensing._kernels.lines import multiplet_jacobian

        found = self._axis_lines(values)
        lines = self._kernel_lines(values[None], found)[0]
        by_line = multiplet_jacobian(x, lines, self.lines.offsets())
        moved, stronger = self._chain(values, found)
        n_lines, n_own = len(lines), moved.shape[1]
        full = np.empty((values.size, x.size))
        full[:n_own] = -moved.T @ by_line[:, 0]
        contrast = self._each(values[None], "contrast", self.contrasts)[0]
        strength = np.ones(n_lines)
        if stronger is not None and found.strengths is not None:
            full[:n_own] -= (contrast[:, None] * stronger).T @ by_line[:, 2]
            strength = found.strengths.ravel()
        at = n_own
        for column, how, factor in (
            (1, self.widths, np.ones(n_lines)),
            (2, self.contrasts, strength),
        ):
            groups = factor[:, None] * by_line[:, column]
            groups = groups.reshape(self._n_shared(how), -1, x.size).sum(axis=1)
            full[at : at + len(groups)] = -groups
            at += len(groups)
        if self.lines.mixes:
            full[self._share] = -by_line[:, 3].sum(axis=0)
        full[-self.lines.degree - 1 :] = self._powers(x)
        return full.T

    def _powers(self, x: Array) -> Array:
        return np.vander(x - MIDDLE, self.lines.degree + 1, increasing=True).T

    def guess(self, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
        """Return start values: of `fit_odmr` where it finds a field, else a search.

        The field is the one of all equivalent ones with ``0 <= x <= y <= z`` along the
        cubic axes.
        """
        from qleap.sensing.fitting.hamiltonian_start import guess_spectrum

        return guess_spectrum(self, checks.vector("x", x), checks.vector("y", y))

    def _n_shared(self, how: str) -> int:
        return {"common": 1, "axes": len(self.axes), "lines": 2 * len(self.axes)}[how]

    def _each(self, values: Array, name: str, how: str) -> Array:
        """Return a shared parameter for each line, shape ``(m, 2 n_axes)``."""
        first = self.names.index(self.shared(name, how)[0])
        n = self._n_shared(how)
        return np.repeat(values[:, first : first + n], 2 * len(self.axes) // n, axis=1)

    def _strain_terms(self) -> list[tuple[str, int, Array]]:
        """Return name, number of the term, and its factor for each axis."""
        n = len(self.axes)
        if self.strain == "common":
            return [("m_x", 1, np.ones(n)), ("m_y", 2, np.ones(n))]
        if self.strain == "none":
            return []
        each, last = list(zip(np.eye(n), self.axes, strict=True)), np.eye(n)[-1]
        across = (("m_x", 1), ("m_y", 2)) if self.strain == "axes" else ()
        found = [
            (f"{name}_{k + 1}", term, one) for name, term in across for one, k in each
        ]
        return found + [(f"m_z_{k + 1}", 0, one - last) for one, k in each[:-1]]

    def strain_terms(self, values: Array) -> Array:
        """Return the five terms of each axis, Hz, shape ``(..., n_axes, 5)``."""
        splitting = values[..., 3]
        if self.thermometer:
            splitting = zero_field_splitting(splitting)
        own = self.centre.strain.terms(0.0)
        terms = np.zeros((*values.shape[:-1], len(self.axes), 5)) + own
        terms[..., 0] += splitting[..., None]
        at = 7 if self.turned else 4
        for k, (_, term, factors) in enumerate(self._strain_terms()):
            terms[..., term] += values[..., at + k, None] * factors
        return terms

    def _local(self, values: Array) -> tuple[Array, Array]:
        """Return rotations into the frames ``(..., n_axes, 3, 3)``, and the field."""
        turns = axis_rotations()[list(self.axes)]
        rotations = turns @ self.rotation(values)[..., None, :, :]
        return rotations, values[..., :3] + np.asarray(self.bias)

    def _axis_lines(self, values: Array) -> AxisLines:
        rotations, field = self._local(values)
        zeeman = np.einsum("...aij,...j->...ai", rotations, field)
        zeeman = zeeman * self.centre.gyromagnetic_ratios
        drive = None
        if self.drive is not None:
            drive = np.broadcast_to(rotations @ self._drive, zeeman.shape)
        return axis_lines(zeeman, self.strain_terms(values), drive)

    def _kernel_lines(self, values: Array, found: AxisLines) -> Array:
        """Return what the kernels take, shape ``(m, 2 n_axes, 4)``."""
        m, n_lines = len(values), 2 * len(self.axes)
        lines = np.empty((m, n_lines, 4))
        lines[..., 0] = found.frequencies.reshape(m, n_lines)
        lines[..., 1] = self._each(values, "fwhm", self.widths)
        lines[..., 2] = self._each(values, "contrast", self.contrasts)
        if found.strengths is not None:
            lines[..., 2] *= found.strengths.reshape(m, n_lines)
        pure = float(self.lines.shape == "lorentzian")
        lines[..., 3] = values[:, self._share, None] if self.lines.mixes else pure
        return lines

    def _chain(self, values: Array, found: AxisLines) -> tuple[Array, Array | None]:
        """Return slopes of positions, and of strengths, by field, D, turn and strain.

        Both have the shape ``(2 n_axes, n_own)``.
        """
        rotations, field = self._local(values)
        ratios = self.centre.gyromagnetic_ratios
        # derivatives of the eleven inputs of each axis: Zeeman, terms, drive
        inputs = np.zeros((len(self.axes), 11, self._n_own()))
        inputs[:, :3, :3] = ratios[:, None] * rotations
        inputs[:, 3, 3] = 1.0
        if self.thermometer:
            inputs[:, 3, 3] = zero_field_splitting_slope(values[3])
        at = 4
        if self.turned:
            turns = axis_rotations()[list(self.axes)]
            moved = rotation_gradient(values[4:7]) @ self._base
            turned = np.einsum("aij,tjk->aikt", turns, moved)
            inputs[:, :3, 4:7] = ratios[:, None] * np.einsum(
                "aikt,k->ait", turned, field
            )
            if self.drive is not None:
                inputs[:, 8:, 4:7] = np.einsum("aikt,k->ait", turned, self._drive)
            at = 7
        for k, (_, term, factors) in enumerate(self._strain_terms()):
            inputs[:, 3 + term, at + k] = factors
        moved = found.slopes @ inputs[:, :8]
        flat = moved.reshape(-1, self._n_own())
        if found.strength_slopes is None:
            return flat, None
        return flat, (found.strength_slopes @ inputs).reshape(flat.shape)

    @property
    def _share(self) -> int:
        """Place of the Lorentzian share."""
        return -self.lines.degree - 2

    def _n_own(self) -> int:
        return 4 + 3 * self.turned + len(self._strain_terms())
