"""Zero-noise extrapolation (Temme et al. 2017, Phys. Rev. Lett. 119, 180509)."""

import warnings
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit import QuantumCircuit

from qleap.core import checks
from qleap.core.errors import InvalidValue, QleapWarning
from qleap.processing.mitigation.folding import fold_gates, fold_globally
from qleap.processing.mitigation.technique import Mitigated, Part, Technique, checked

__all__ = ["ZeroNoise"]

Reals = NDArray[np.float64]

MODELS: Final = ("linear", "polynomial", "exponential", "richardson")


@dataclass(frozen=True, kw_only=True)
class ZeroNoise(Technique):
    """Measure at several noise strengths and extrapolate to none.

    Parameters
    ----------
    factors : tuple of float
        Noise strengths, at least 1, all different; the circuit is folded to meet them.
    folding : {"global", "gates"}
        The whole circuit, or gate by gate.
    extrapolation : {"linear", "polynomial", "exponential", "richardson"}
        ``"polynomial"`` has the given ``order``; ``"richardson"`` passes through all
        points; ``"exponential"`` is ``limit + a exp(-b x)``.
    order : int
        Of the polynomial.
    limit : float
        What the value tends to under infinite noise; for a traceless observable 0.
    """

    factors: tuple[float, ...] = (1.0, 3.0, 5.0)
    folding: Literal["global", "gates"] = "global"
    extrapolation: Literal["linear", "polynomial", "exponential", "richardson"] = (
        "richardson"
    )
    order: int = 2
    limit: float = 0.0

    def __post_init__(self) -> None:
        checks.one_of("folding", self.folding, ("global", "gates"))
        checks.one_of("extrapolation", self.extrapolation, MODELS)
        found = checks.vector("factors", self.factors)
        if found.size < 2 or found.min() < 1.0 or len(set(found.tolist())) < found.size:
            raise InvalidValue(
                "factors must be at least two different numbers >= 1, got "
                f"{tuple(self.factors)}."
            )
        checks.count("order", self.order)
        checks.finite("limit", self.limit)
        if self.extrapolation == "polynomial" and self.order >= found.size:
            raise InvalidValue(
                f"a polynomial of order {self.order} needs {self.order + 1} factors, "
                f"got {found.size}."
            )

    def build(self, circuit: QuantumCircuit, observable: Any) -> list[Part]:
        """Return the folded circuits, one for each factor."""
        fold = fold_globally if self.folding == "global" else fold_gates
        parts = []
        n_gates = _n_gates(circuit)
        for factor in self.factors:
            folded = fold(circuit, factor)
            known = circuit.metadata or {}
            folded.metadata = {**known, "noise_factor": _n_gates(folded) / n_gates}
            parts.append(Part(folded, observable))
        reached = [part.circuit.metadata["noise_factor"] for part in parts]
        if len(set(reached)) < len(reached):
            raise InvalidValue(
                f"{n_gates} gates are too few for the factors {tuple(self.factors)}, "
                f"they reach {tuple(reached)}; give factors further apart."
            )
        return parts

    def _together(
        self, parts: list[Part], values: ArrayLike, errors: ArrayLike
    ) -> Mitigated:
        reached = [part.circuit.metadata["noise_factor"] for part in parts]
        return replace(self, factors=tuple(reached)).combine(values, errors)

    def combine(self, values: ArrayLike, errors: ArrayLike) -> Mitigated:
        """Return the value at no noise.

        Points count by their errors; where any error is zero all count the same. The
        standard error is carried through the fit from the errors of the values.
        """
        found, spread = checked(values, errors, len(self.factors))
        factors = np.array(self.factors, np.float64)
        if self.extrapolation == "exponential":
            value, error = self._exponential(factors, found, spread)
        else:
            weights = _zero_weights(factors, spread, self._order(factors.size))
            value = float(weights @ found)
            error = float(np.sqrt(weights**2 @ spread**2))
        at_one = np.flatnonzero(factors == 1.0)
        return Mitigated(
            value=value,
            standard_error=error,
            values=found,
            errors=spread,
            unmitigated=float(found[at_one[0]]) if at_one.size else float("nan"),
            technique=f"zero-noise extrapolation, {self.extrapolation}",
        )

    def _order(self, n_factors: int) -> int:
        if self.extrapolation == "linear":
            return 1
        return self.order if self.extrapolation == "polynomial" else n_factors - 1

    def _exponential(
        self, factors: Reals, values: Reals, errors: Reals
    ) -> tuple[float, float]:
        from scipy.optimize import OptimizeWarning, curve_fit

        def model(x: Reals, start: float, rate: float) -> Reals:
            return self.limit + start * np.exp(-rate * x)

        above = values - self.limit
        if above.min() <= 0.0 <= above.max():
            warnings.warn(
                "values on both sides of the limit have no exponential law; a straight "
                "line was taken. Measure more precisely, or choose another law.",
                QleapWarning,
                stacklevel=3,
            )
            weights = _zero_weights(factors, errors, 1)
            return float(weights @ values), float(np.sqrt(weights**2 @ errors**2))
        slope = np.polyfit(factors, np.log(np.maximum(np.abs(above), 1e-12)), 1)[0]
        guess = (float(above[0] * np.exp(-slope * factors[0])), max(-float(slope), 0.0))
        sigma = errors if errors.min() > 0.0 else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OptimizeWarning)
            found, covariance = curve_fit(
                model,
                factors,
                values,
                p0=guess,
                sigma=sigma,
                absolute_sigma=sigma is not None,
                maxfev=10_000,
            )
        error = 0.0 if sigma is None else float(np.sqrt(covariance[0, 0]))
        return self.limit + float(found[0]), error


def _n_gates(circuit: QuantumCircuit) -> int:
    return sum(step.name not in ("barrier", "delay") for step in circuit.data)


def _zero_weights(factors: Reals, errors: Reals, order: int) -> Reals:
    """Return the weights with which values make the polynomial's value at zero."""
    basis = factors[:, None] ** np.arange(order + 1)
    scale = 1.0 / errors if errors.min() > 0.0 else np.ones_like(errors)
    weighted = np.linalg.pinv(basis * scale[:, None])
    return np.asarray(weighted[0] * scale, np.float64)
