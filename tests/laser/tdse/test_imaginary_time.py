"""States on a line by imaginary time: exact levels, and inverse iteration beside."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import ArrayLike

from qleap.core.constants import ATOMIC_TIME, BOHR_RADIUS, HARTREE
from qleap.core.errors import InvalidValue, NotConverged
from qleap.laser.tdse import (
    SoftCore,
    bound_states,
    line_states,
    relaxed_line_states,
)

SIZES: dict[str, Any] = {
    "half_width": 60.0 * BOHR_RADIUS,
    "spacing": 0.05 * BOHR_RADIUS,
}
SMALL: dict[str, Any] = {"half_width": 10.0 * BOHR_RADIUS, "spacing": 0.4 * BOHR_RADIUS}


@dataclass(frozen=True)
class Hollow:
    """The hollow of Poeschl and Teller, whose levels are -(depth - n)^2/2."""

    depth: float

    def values_au(self, x: ArrayLike) -> np.ndarray:
        return np.asarray(-0.5 * self.depth * (self.depth + 1.0) / np.cosh(x) ** 2)

    def gradient_au(self, x: ArrayLike) -> np.ndarray:
        return np.asarray(-2.0 * np.tanh(x) * self.values_au(x))


def test_levels_of_a_hollow_are_exact() -> None:
    found = relaxed_line_states(Hollow(3.5), 3, **SIZES)
    energies = found["energy"].values / HARTREE
    assert_allclose(energies, [-6.125, -3.125, -1.125], atol=8e-6)
    wave = found["wave_function"].values[0] * np.sqrt(BOHR_RADIUS)
    exact = np.cosh(found["position"].values / BOHR_RADIUS) ** -3.5
    spacing = SIZES["spacing"] / BOHR_RADIUS
    exact /= np.sqrt(spacing * (exact**2).sum())
    assert_allclose(wave, exact, atol=1e-6)


@pytest.mark.parametrize("step", [5.0, 200.0])
def test_imaginary_time_and_inverse_iteration_find_the_same_states(step: float) -> None:
    hydrogen = SoftCore(softening=np.sqrt(2.0))
    found = relaxed_line_states(hydrogen, 4, step=step * ATOMIC_TIME, **SIZES)
    other = line_states(hydrogen, 4, **SIZES)
    assert found["energy"].values[0] / HARTREE == pytest.approx(-0.5, abs=1e-8)
    assert_allclose(found["energy"] / HARTREE, other["energy"] / HARTREE, atol=1e-12)
    products = found["wave_function"].values @ other["wave_function"].values.T
    assert_allclose(np.abs(products) * SIZES["spacing"], np.eye(4), atol=1e-7)


def test_what_is_not_bound_and_what_does_not_settle_is_told() -> None:
    with pytest.raises(InvalidValue, match="n_states must be <= 3, which lie below"):
        relaxed_line_states(Hollow(2.5), 4, **SMALL)
    with pytest.raises(InvalidValue, match="step must be > 0"):
        relaxed_line_states(Hollow(2.5), step=0.0)
    with pytest.raises(NotConverged, match="did not settle in 10000 steps"):
        relaxed_line_states(Hollow(2.5), tolerance=1e-30, **SMALL)


def test_far_more_states_than_are_bound_are_refused_before_the_first_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bound_states, "MOST_STEPS", 0)
    with pytest.raises(InvalidValue, match=r"n_states must be <= 3, .* got 50"):
        relaxed_line_states(Hollow(2.5), 50, **SMALL)
