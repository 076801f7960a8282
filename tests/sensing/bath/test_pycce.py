"""The expansion against recorded numbers of PyCCE; see data/README.md."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from qleap.core.constants import PLANCK, VACUUM_PERMEABILITY
from qleap.sensing.bath import (
    BathSpins,
    CentralLevels,
    ClusterExpansion,
    central_levels,
    find_clusters,
)
from qleap.sensing.spins import spin_operators

RECORDED = np.load(Path(__file__).parent / "data" / "pycce.npz")
CASES = ("carbon", "tilted", "virtual", "pure", "nitrogen", "electrons")
THEIR_DIPOLE = 1.05457172 * 2.0 * np.pi * 1e3 * 1e-30 / 1e14
OUR_DIPOLE = VACUUM_PERMEABILITY * PLANCK / (4.0 * np.pi)
SCALE = np.sqrt(THEIR_DIPOLE / OUR_DIPOLE)
"""Moments times this, and the field over it, give the couplings of PyCCE."""

GYRO = -1e7 / (2.0 * np.pi)
ELECTRON = 17608.597050 * 1e7 / (2.0 * np.pi)
UHRIG = np.sin(np.pi * np.arange(1, 4) / 8.0) ** 2


def levels(case: str, field: NDArray[np.float64]) -> CentralLevels:
    if case != "virtual":
        return CentralLevels.along_z(-1.0, 0.0)
    s_z = spin_operators(1.0)[2]
    return central_levels(2.88e9 * s_z @ s_z + ELECTRON * field[2] * s_z, 2, 1)


@pytest.mark.parametrize("case", CASES)
def test_coherences_are_those_of_pycce(case: str) -> None:
    def recorded(name: str) -> NDArray[np.float64]:
        return np.asarray(RECORDED[f"{case}/{name}"])

    bath = BathSpins(
        position=1e-10 * recorded("position"),
        spin=recorded("spin"),
        zeeman=GYRO * SCALE * recorded("gyro"),
        hyperfine=1e3 * recorded("hyperfine"),
        quadratic=1e3 * recorded("quadrupole"),
    )
    order = len(recorded("counts"))
    distance = 1e-10 * float(recorded("distance"))
    clusters = find_clusters(bath, order=order, distance=distance)
    assert clusters.counts == tuple(recorded("counts"))
    field = 1e-4 * recorded("field")
    expansion = ClusterExpansion(
        bath=bath, clusters=clusters, field=field / SCALE, levels=levels(case, field)
    )
    state = recorded("state") if case == "pure" else None
    by_sequence: dict[str, NDArray[np.complex128]] = {}
    compared = 0
    for name in (key for key in RECORDED.files if key.startswith(f"{case}/")):
        sequence, _, size = name.removeprefix(f"{case}/").partition("/")
        if not size:
            continue
        if sequence not in by_sequence:
            pulses = UHRIG if sequence == "uhrig3" else int(sequence)
            by_sequence[sequence] = expansion.by_order(
                1e-3 * recorded("times"), pulses=pulses, state=state
            )
        curve = by_sequence[sequence][int(size) - 1]
        if case == "pure" or sequence == "uhrig3":  # conjugate there
            curve = curve.conj()
        assert_allclose(curve, RECORDED[name], rtol=0.0, atol=1e-10, err_msg=name)
        compared += 1
    assert compared >= 6


def test_the_recorded_pairs_are_complex() -> None:
    # A test of the test: with real pair terms or conjugate levels it must fail.
    assert np.abs(RECORDED["carbon/1/2"].imag).max() > 0.01
