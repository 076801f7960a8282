"""The convergence table and its picture."""

import matplotlib as mpl
import numpy as np
import pytest
from numpy.testing import assert_allclose

from qleap.core import results
from qleap.core.errors import InvalidValue
from qleap.sensing.bath import BathSpins, coherence, convergence, plot_convergence
from qleap.sensing.spins import dipolar_tensor

mpl.use("Agg")

FIELD = [0.0, 0.0, 0.05]
TIMES = np.linspace(0.0, 5e-4, 17)


@pytest.fixture
def bath(rng: np.random.Generator) -> BathSpins:
    position = rng.uniform(-2.5e-9, 2.5e-9, size=(120, 3))
    position = position[np.linalg.norm(position, axis=1) > 8e-10]
    n, carbon = len(position), -10.7084e6
    return BathSpins(
        position=position,
        spin=np.full(n, 0.5),
        zeeman=np.full(n, carbon),
        hyperfine=dipolar_tensor(28.0e9, carbon, position),
    )


def test_the_table_holds_the_curves_and_their_distance_from_the_finest(
    bath: BathSpins, tmp_path_factory: pytest.TempPathFactory
) -> None:
    radii, distances = [1.5e-9, 2e-9, 3e-9], [5e-10, 8e-10]
    data = convergence(
        bath, TIMES, field=FIELD, radii=radii, distances=distances, order=3
    )
    assert data["coherence"].shape == (3, 2, 3, 17)
    inner = bath.chosen(np.linalg.norm(bath.position, axis=1) <= 2e-9)
    expected = coherence(inner, TIMES, field=FIELD, distance=8e-10, order=2)
    assert_allclose(data["coherence"].values[1, 1, 1], expected, rtol=1e-12)
    difference = data["difference"].values
    assert difference[-1, -1, -1] == 0.0
    assert difference[0, 0, 0] > difference[-1, -1, -2] > 0.0
    assert data["clusters"].values[1, 0, 0] == len(inner)
    file = tmp_path_factory.mktemp("table") / "table.nc"
    stored = results.load(results.save(data, file), kind="cce-convergence")
    assert_allclose(stored["coherence"].values, data["coherence"].values)
    axes = plot_convergence(data)
    assert len(axes.lines) == 5
    assert axes.get_yscale() == "log"


def test_one_radius_and_one_distance_show_the_order_alone(bath: BathSpins) -> None:
    data = convergence(
        bath, TIMES, field=FIELD, radii=[2e-9], distances=[8e-10], order=3
    )
    difference = data["difference"].values.ravel()
    assert difference[0] > difference[1] > difference[2] == 0.0


def test_radii_that_leave_no_spin_are_refused(bath: BathSpins) -> None:
    with pytest.raises(InvalidValue, match="radii must leave a spin"):
        convergence(
            bath, TIMES, field=FIELD, radii=[1e-10, 1e-9], distances=[1e-9, 2e-9]
        )


def test_only_a_convergence_table_is_drawn(bath: BathSpins) -> None:
    data = convergence(
        bath, TIMES, field=FIELD, radii=[1.5e-9, 2e-9], distances=[5e-10, 6e-10]
    )
    with pytest.raises(InvalidValue, match="cce-convergence"):
        plot_convergence(data.assign_attrs(kind="odmr"))
