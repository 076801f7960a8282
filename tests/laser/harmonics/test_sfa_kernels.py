"""The compiled strong-field dipole against its NumPy twin."""

import numpy as np
import pytest

from qleap.core.constants import ATOMIC_ELECTRIC_FIELD, ATOMIC_TIME
from qleap.core.simd import host_lanes
from qleap.laser._kernels import sfa as kernels
from qleap.laser._reference import sfa as reference
from qleap.laser.harmonics import (
    DipoleElements,
    gaussian_elements,
    hydrogen_like_elements,
)
from tests.laser.harmonics.fields import pulse

FIRST = 128


@pytest.mark.parametrize(("components", "made", "bits"), [
    (1, hydrogen_like_elements("Ar"), None),
    (1, hydrogen_like_elements("Ar"), 128),
    (2, hydrogen_like_elements("Ar"), None),
    (1, hydrogen_like_elements("Ar", shell="p"), None),
    (2, hydrogen_like_elements("Ar", shell="p"), None),
    (2, gaussian_elements(0.5), None),
])  # fmt: skip
def test_dipoles_equal_their_twin(
    components: int, made: DipoleElements, bits: int | None
) -> None:
    driving = pulse(80, components=components)
    n, step = driving.time.size, driving.step / ATOMIC_TIME
    field = driving.field / ATOMIC_ELECTRIC_FIELD
    survival = np.linspace(1.0, 0.7, n)
    k = np.arange(3.0, 120.0)
    delays = np.stack([np.cos(0.02 * k) / k, 4.0 * np.pi / (k * step)])
    found = []
    for module in (kernels, reference):
        rows = np.zeros((1 + 3 * components, FIRST + n + 7))
        out = np.empty((components, n + 7))
        module.paths_into(field, survival, step, 0.58, FIRST, rows)
        module.dipole_into(
            rows,
            delays,
            3,
            0.125,
            made.scale,
            made.series,
            made.shell,
            FIRST,
            out,
            host_lanes(8, bits),
            (0,) * (components - 1),
            (0,) if made.factor else (),
        )
        found.append((rows, out))
    for ours, theirs in zip(*found, strict=True):
        assert np.abs(ours - theirs).max() < 1e-10 * np.abs(theirs).max()
        assert np.abs(theirs).max() > 0.0
