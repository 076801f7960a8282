"""Spectra under steady light and a steady microwave, from the master equation."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.errors import InvalidValue
from qleap.sensing.nv.centre import NVCentre
from qleap.sensing.nv.excited import excited_state
from qleap.sensing.nv.nitrogen import Nitrogen
from qleap.sensing.nv.photophysics.levels import (
    EXCITED,
    OPTICAL_PARTS,
    ROBLEDO_2011,
    ChargeRates,
    OpticalRates,
    jump_parts,
)
from qleap.sensing.nv.photophysics.liouville import (
    ReducedLiouvillian,
    commutator,
    dissipator,
    real_form,
    reduced,
)
from qleap.sensing.nv.photophysics.mixing import (
    eigenstates,
    mixed,
    overlaps,
)

__all__ = ["CwOdmrModel"]

Array = NDArray[np.float64]
_LEVEL: Final = {"minus": 2, "plus": 0}
_RATES: Final = ("radiative", "crossing_0", "crossing_1", "singlet_0", "singlet_1")
_COHERENT: Final = (
    "dephasing_rate",
    "rabi_frequency",
    "line_minus",
    "line_plus",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class CwOdmrModel:
    r"""Fluorescence over the frequency of one microwave that drives both lines.

    The steady state of the master equation of the seven (with ``charge`` ten)
    levels in the frame that rotates with the microwave. Light and decay are jumps
    with the rates of the `RateModel`; the ground triplet has the Hamiltonian

    .. math:: H/h = \sum_\pm (f_\pm - f) |\pm\rangle\langle\pm|
        + \tfrac{\Omega}{2} \sum_\pm (|0\rangle\langle\pm| + \mathrm{h.c.}) .

    Widths and depths are therefore those that laser and microwave make.

    Parameters
    ----------
    lines : tuple of float
        Frequencies of the lines from 0 to -1 and from 0 to +1, Hz; one number
        leaves the level +1 without a drive.
    pump_rate : float
        From the ground to the excited triplet, 1/s; the laser's power.
    rabi_frequency : float
        Omega of each line, Hz; the root of the microwave's power.
    dephasing_rate : float
        1/T_2* without light and microwave, 1/s; a line is then 1/(pi T_2*) wide.
        As white noise of the field: the coherence of -1 and +1 decays four times
        as fast.
    relaxation_rate : float
        Between each two levels of the ground triplet, 1/s: 1/(3 T_1).
    optics : OpticalRates
    charge : ChargeRates or None
    brightness : float
        Signal for one emitted photon a second.
    background : float
        Signal without the centre.
    nitrogen : Nitrogen or None
        Whose projections shift the lines by their hyperfine constant; the spectrum
        is the mean over them.
    share : ndarray, shape (n, n), optional
        Overlaps of the levels with those without a field; see `at_field`.
    """

    lines: tuple[float, ...]
    pump_rate: float = 1e6
    rabi_frequency: float = 1e6
    dephasing_rate: float = 1e6
    relaxation_rate: float = 0.0
    optics: OpticalRates = ROBLEDO_2011
    charge: ChargeRates | None = None
    brightness: float = 1.0
    background: float = 0.0
    nitrogen: Nitrogen | None = None
    share: Array | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        given = np.atleast_1d(np.asarray(self.lines, dtype=np.float64))
        object.__setattr__(self, "lines", tuple(given.ravel().tolist()))
        if len(self.lines) not in (1, 2):
            raise InvalidValue(
                f"lines must be one or two frequencies in Hz, got {self.lines}."
            )
        for line in self.lines:
            checks.positive("lines", line, "Hz")
        checks.positive("pump_rate", self.pump_rate, "1/s")
        checks.non_negative("rabi_frequency", self.rabi_frequency, "Hz")
        checks.non_negative("dephasing_rate", self.dephasing_rate, "1/s")
        checks.non_negative("relaxation_rate", self.relaxation_rate, "1/s")
        size = 7 if self.charge is None else 10
        if self.share is not None and np.shape(self.share) != (size, size):
            raise InvalidValue(
                f"share must have the shape ({size}, {size}), that of the levels, got "
                f"{np.shape(self.share)}; at_field makes it."
            )

    @classmethod
    def at_field(
        cls,
        magnetic_field: ArrayLike,
        *,
        centre: NVCentre | None = None,
        excited: NVCentre | None = None,
        **fields: Any,
    ) -> "CwOdmrModel":
        """Return the model with lines and mixed rates of a field.

        Parameters
        ----------
        magnetic_field : array_like, shape (3,)
            In the frame of the axis, T.
        centre, excited : NVCentre
            Ground and excited triplet, by default `NVCentre` and
            `qleap.sensing.nv.excited_state`; the nitrogen of ``centre`` is taken as
            `nitrogen`.
        **fields
            Other fields of the model.
        """
        at = checks.triple("magnetic_field", magnetic_field, "T")
        ground = NVCentre() if centre is None else centre
        energies, _ = eigenstates(ground, at)
        lines = np.abs(energies[[2, 0]] - energies[1])
        size = 7 if fields.get("charge") is None else 10
        fields.setdefault("nitrogen", ground.nitrogen)
        return cls(
            lines=(float(lines[0]), float(lines[1])),
            share=overlaps(ground, excited or excited_state(), at, size),
            **fields,
        )

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names by which `jacobian` takes derivatives."""
        lines = ("line_minus", "line_plus")[: len(self.lines)]
        own = ("pump_rate", "rabi_frequency", "dephasing_rate", "relaxation_rate")
        return (*own, *lines, "brightness", "background", *_RATES)

    def value(self, name: str) -> float:
        """Return the value of one of `parameters`."""
        checks.one_of("name", name, self.parameters)
        if name in _RATES:
            return float(getattr(self.optics, name))
        if name in ("line_minus", "line_plus"):
            return self.lines[("line_minus", "line_plus").index(name)]
        return float(getattr(self, name))

    def with_values(self, values: dict[str, float]) -> "CwOdmrModel":
        """Return the model with other values of some `parameters`."""
        for name in values:
            checks.one_of("values", name, self.parameters)
        lines = [values.get("line_minus", self.lines[0])]
        lines += [values.get("line_plus", line) for line in self.lines[1:]]
        rates = {name: values[name] for name in _RATES if name in values}
        own: dict[str, Any] = {
            name: value
            for name, value in values.items()
            if name not in _RATES and name not in ("line_minus", "line_plus")
        }
        optics = replace(self.optics, **rates) if rates else self.optics
        return replace(self, lines=tuple(lines), optics=optics, **own)

    @property
    def reduction(self) -> ReducedLiouvillian:
        """The unknowns that matter: 13 of 49 for two lines."""
        share = None if self.share is None else self.share.tobytes()
        return _reduction(self.charge is not None, len(self.lines), share)

    def evaluate(self, frequency: ArrayLike) -> Array:
        """Return the signal at ``frequency``, Hz, shape ``(n,)``."""
        sweep = checks.vector("frequency", frequency, "Hz") - self.lines[0]
        reduction, seen = self.reduction, self._seen()
        total = np.zeros(sweep.size)
        shifts = self._shifts()
        for shift in shifts:
            total += reduction.signal(self._weights(shift), sweep, seen)
        return np.asarray(self.background + self.brightness / len(shifts) * total)

    def jacobian(
        self, frequency: ArrayLike, parameters: Sequence[str] | None = None
    ) -> Array:
        """Return the derivatives of the signal, exact, shape ``(n, n_parameters)``.

        ``parameters`` are names of `parameters`, all of them by default.
        """
        names = self.parameters if parameters is None else tuple(parameters)
        return self.signal_and_jacobian(frequency, names)[1]

    def signal_and_jacobian(
        self, frequency: ArrayLike, parameters: Sequence[str]
    ) -> tuple[Array, Array]:
        """Return the signal, and its derivatives by ``parameters``."""
        names = tuple(parameters)
        for name in names:
            checks.one_of("parameters", name, self.parameters)
        sweep = checks.vector("frequency", frequency, "Hz") - self.lines[0]
        reduction, seen = self.reduction, self._seen()
        excited = reduction.observable(self._diagonal(EXCITED, 1.0))
        shifts = self._shifts()
        emission = np.zeros(sweep.size)
        slopes = np.zeros((sweep.size, len(reduction.parts)))
        photons = np.zeros(sweep.size)
        for shift in shifts:
            weights = self._weights(shift)
            one, by_weight = reduction.signal_and_slopes(weights, sweep, seen)
            emission += one / len(shifts)
            slopes += by_weight / len(shifts)
            if "radiative" in names:
                photons += reduction.signal(weights, sweep, excited) / len(shifts)
        columns = {"brightness": emission, "background": np.ones(sweep.size)}
        for name in names:
            if name not in columns:
                columns[name] = self.brightness * (slopes @ self._chain(name))
        if "radiative" in names:
            columns["radiative"] += self.brightness * photons
        signal = self.background + self.brightness * emission
        return signal, np.stack([columns[name] for name in names], axis=-1)

    def contrast_and_width(self) -> tuple[float, float]:
        """Return depth and full width at half depth, Hz, of the first line alone.

        The depth is relative to the signal far away, background included; the
        second line and the nitrogen's shifts are left out. The line of one driven
        pair is a Lorentzian exactly.
        """
        alone = replace(self, lines=self.lines[:1], nitrogen=None)
        width, line = 0.1 * (self.rabi_frequency + self.dephasing_rate), self.lines[0]
        low, half, far = alone.evaluate(line + np.array([0.0, width, 1e15]))
        share = (half - low) / (far - low)
        return 1.0 - float(low / far), float(2.0 * width * np.sqrt(1.0 / share - 1.0))

    def states(self, frequency: ArrayLike) -> NDArray[np.complex128]:
        """Return the density matrices, ``(n, d, d)``; without the nitrogen's shifts."""
        sweep = checks.vector("frequency", frequency, "Hz") - self.lines[0]
        return self.reduction.states(self._weights(0.0), sweep)

    def to_qutip(self, frequency: float) -> tuple[Any, list[Any]]:
        """Return Hamiltonian, rad/s, and collapse operators for QuTiP's solvers.

        Without the nitrogen's shifts. The levels are in the order of
        `qleap.sensing.nv.photophysics.LEVELS`.
        """
        import qutip

        jumps = np.einsum("k,kij->ij", self._jump_weights(), self._jumps())
        size = len(jumps)
        basis = [qutip.basis(size, k) for k in range(size)]
        hamiltonian = 0 * basis[0].proj()
        for name, line in zip(_LEVEL, self.lines, strict=False):
            turned = basis[1] * basis[_LEVEL[name]].dag()
            hamiltonian += (line - frequency) * basis[_LEVEL[name]].proj()
            hamiltonian += 0.5 * self.rabi_frequency * (turned + turned.dag())
        collapse = [
            np.sqrt(jumps[i, j]) * basis[j] * basis[i].dag()
            for i, j in np.argwhere(jumps > 0.0)
        ]
        projection = basis[0].proj() - basis[2].proj()
        collapse.append(np.sqrt(2.0 * self.dephasing_rate) * projection)
        return 2.0 * np.pi * hamiltonian, collapse

    def _jumps(self) -> Array:
        parts = jump_parts(charge=self.charge is not None)
        return parts if self.share is None else mixed(parts, self.share)

    def _jump_weights(self) -> Array:
        rates = [getattr(self.optics, name) for name in _RATES]
        own = np.array([*rates, self.pump_rate, self.relaxation_rate])
        if self.charge is None:
            return own
        return np.concatenate([own, self.charge.weights(self.pump_rate)])

    def _weights(self, shift: float) -> Array:
        """Return the weights of the parts; lines are counted from the first."""
        lines = [-shift, *(line - self.lines[0] + shift for line in self.lines[1:])]
        coherent = [self.dephasing_rate, self.rabi_frequency, *lines]
        return np.concatenate([self._jump_weights(), coherent])

    def _chain(self, name: str) -> Array:
        """Return the derivatives of the weights by a parameter."""
        jumps = self._jump_weights().size
        slopes = np.zeros(jumps + 2 + len(self.lines))
        if name in _COHERENT:
            slopes[jumps + _COHERENT.index(name)] = 1.0
        else:
            part = {"pump_rate": "pump", "relaxation_rate": "relaxation"}
            slopes[OPTICAL_PARTS.index(part.get(name, name))] = 1.0
        if name == "pump_rate" and self.charge is not None:
            slopes[len(OPTICAL_PARTS) : jumps] = self.charge.slopes()
        return slopes

    def _shifts(self) -> Array:
        if self.nitrogen is None:
            return np.zeros(1)
        return self.nitrogen.line_offsets()

    def _diagonal(self, levels: slice, value: float) -> Array:
        diagonal = np.zeros(7 if self.charge is None else 10)
        diagonal[levels] = value
        return diagonal

    def _seen(self) -> Array:
        emitted = self._diagonal(EXCITED, self.optics.radiative)
        if self.charge is not None:
            emitted[8] = self.charge.collected * self.charge.radiative
        return self.reduction.observable(emitted)


@lru_cache(maxsize=64)
def _reduction(charge: bool, lines: int, share: bytes | None) -> ReducedLiouvillian:
    """Return the reduced equations; they depend on neither rates nor powers."""
    jumps = jump_parts(charge=charge)
    size = jumps.shape[-1]
    if share is not None:
        jumps = mixed(jumps, np.frombuffer(share).reshape(size, size))
    one = np.eye(size, dtype=np.complex128)

    def unit(i: int, j: int) -> NDArray[np.complex128]:
        return np.outer(one[i], one[j])

    parts = [
        sum(
            (part[i, j] * dissipator(unit(j, i)) for i, j in np.argwhere(part > 0.0)),
            np.zeros((size * size, size * size), dtype=np.complex128),
        )
        for part in jumps
    ]
    parts.append(2.0 * dissipator(unit(0, 0) - unit(2, 2)))
    driven = [_LEVEL[name] for name in ("minus", "plus")[:lines]]
    turned = [0.5 * (unit(1, k) + unit(k, 1)) for k in driven]
    parts.append(commutator(np.sum(turned, axis=0)))
    parts.extend(commutator(unit(k, k)) for k in driven)
    swept = -commutator(np.sum([unit(k, k) for k in driven], axis=0))
    return reduced(real_form(np.array(parts)), real_form(swept))
