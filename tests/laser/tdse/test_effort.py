"""What would take hours is refused before it begins, with what it would cost."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qleap.core.constants import BOHR_RADIUS
from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import DrivingField
from qleap.laser.harmonics import sfa_accelerations, sfa_dipole
from qleap.laser.tdse import solve_atom, solve_line
from tests.laser.tdse.fields import sine_squared

Solver = Callable[..., Any]

FEW = sine_squared(0.01, 0.3, 1)
ABSURD = sine_squared(100.0, 0.057, 2, step=0.01)
ENDLESS = sine_squared(0.3, 0.01, 60, step=0.5)


def line(driving: DrivingField, **bound: Any) -> Any:
    return solve_line(driving, "H", surface=40.0 * BOHR_RADIUS, **bound)


def atom(driving: DrivingField, **bound: Any) -> Any:
    return solve_atom(driving, "H", radius=30.0, n_l=16, **bound)


def dipole(driving: DrivingField, **bound: Any) -> Any:
    return sfa_dipole(driving, "H", **bound)


@pytest.mark.parametrize(
    ("solver", "hours"),
    [
        # 60 cycles in steps of 0.005 au; 2.2 quiver amplitudes and 80 bohr to either
        # side, 0.02 bohr apart; 20 to 40 us for 16384 points.
        (lambda: solve_line(ENDLESS, "H"), 3.5),
        # Two cycles in steps of 0.01 au; 2.5 quiver amplitudes, 0.2 bohr apart, times
        # 1024 angular momenta; 0.25 ms for 2000 times 80.
        (lambda: solve_atom(ABSURD, "H"), 4.8),
    ],
)
def test_absurd_fields_are_refused_with_their_cost(
    solver: Callable[[], Any], hours: float
) -> None:
    with pytest.raises(InvalidValue, match=r"unit of the field.*most_hours") as told:
        solver()
    found = re.search(r"take some (\S+) h;", str(told.value))
    assert found is not None
    assert float(found[1]) == pytest.approx(hours, rel=0.05)


@pytest.mark.parametrize("solver", [line, atom, dipole])
def test_the_bound_is_lifted_and_lowered_by_an_argument(solver: Solver) -> None:
    free, bound = solver(FEW, most_hours=None), solver(FEW)
    assert free["dipole_acceleration"].equals(bound["dipole_acceleration"])
    with pytest.raises(InvalidValue, match=r"must take <= 1e-12 h of one core, but .*"):
        solver(FEW, most_hours=1e-12)
    with pytest.raises(InvalidKind, match="most_hours must be"):
        solver(FEW, most_hours="long")


def test_many_dipoles_are_counted_together() -> None:
    given = np.zeros((3, 4096)) + np.sin(np.arange(4096) * 0.01)
    words = r"1\.23e\+04 times of all fields with 999 delays each"
    with pytest.raises(InvalidValue, match=words):
        sfa_accelerations(given, 1e-18, "H", longest_excursion=1e-15, most_hours=1e-9)
    with pytest.raises(InvalidValue, match="longest_excursion must be <="):
        sfa_accelerations(given, 1e-18, "H", longest_excursion=1.0)
