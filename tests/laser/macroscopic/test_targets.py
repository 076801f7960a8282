"""Jets and cells against their own columns."""

import numpy as np
import pytest

from qleap.core.errors import InvalidValue
from qleap.laser.macroscopic import cell_profile, jet_profile


@pytest.mark.parametrize(
    ("shape", "column"),
    [
        ("gaussian", np.sqrt(np.pi / (4.0 * np.log(2.0)))),
        ("lorentzian", np.arctan(np.sqrt(99.0))),
    ],
)
def test_a_jet_has_its_width_and_column(shape: str, column: float) -> None:
    jet = jet_profile(1e-3, centre=2e-3, shape=shape)
    z = np.linspace(-1e-2, 2e-2, 30001)
    density = np.interp(z, jet.positions, jet.values)
    assert z[density > 0.5][[0, -1]] == pytest.approx([1.5e-3, 2.5e-3], rel=2e-3)
    assert np.trapezoid(density, z) == pytest.approx(column * 1e-3, rel=1e-2)


def test_a_cell_is_full_between_its_ends() -> None:
    cell = cell_profile(1e-3, 3e-3)
    assert cell.linear(0.5e-3) == cell.linear(3.5e-3) == 0.0
    assert cell.linear(2e-3) == 1.0
    with pytest.raises(InvalidValue, match="start"):
        cell_profile(1e-3, 1e-3)
