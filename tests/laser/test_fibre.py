"""Fibres: dispersion about any carrier, soliton number, what is refused."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.constants import c

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser import Fibre, Material

FIBRE = Fibre(length=1.0, wavelength=1550e-9, betas=(-20e-27, 0.1e-39), gamma=1e-3)


def test_the_carrier_stands_still_in_its_own_frame() -> None:
    carrier = 2 * np.pi * c / 1500e-9
    near = carrier + np.array([-1e9, 0.0, 1e9])
    assert_allclose(FIBRE.propagation_constant(near, carrier), 0.0, atol=1e-7)


def test_the_curvature_about_another_carrier_is_its_own_beta2() -> None:
    carrier = 2 * np.pi * c / 1500e-9
    moved = np.array([-1e12, 1e12])
    beta = FIBRE.propagation_constant(carrier + moved, carrier)
    found = FIBRE.group_velocity_dispersion(1500e-9)
    assert_allclose(beta.sum() / 1e24, found, rtol=1e-3)
    assert found == pytest.approx(
        -20e-27 + 0.1e-39 * (carrier - 2 * np.pi * c / 1.55e-6)
    )


def test_a_material_gives_the_fibre_its_dispersion() -> None:
    silica = Material(name="fused silica")
    fibre = Fibre(length=1.0, wavelength=800e-9, betas=silica.betas(800e-9), gamma=0.0)
    carrier, omega = 2 * np.pi * c / 800e-9, 2 * np.pi * c / 780e-9
    exact = (
        silica.beta(0, 780e-9)
        - silica.beta(0, 800e-9)
        - silica.beta(1, 800e-9) * (omega - carrier)
    )
    found = fibre.propagation_constant(np.array([omega]), carrier)[0]
    assert found == pytest.approx(exact, rel=1e-6)


def test_the_soliton_number_of_the_supercontinuum_is_the_published_one() -> None:
    # Dudley, Genty and Coen, Rev. Mod. Phys. 78, 1135 (2006), section IV.B: T0 = 28.4
    # fs, gamma = 0.11 /(W m), beta2 = -11.830 ps^2/km, P0 = 10 kW: N of about 8.6.
    fibre = Fibre(length=0.15, wavelength=835e-9, betas=(-11.83e-27,), gamma=0.11)
    assert fibre.soliton_order(1e4, 28.4e-15) == pytest.approx(8.65, abs=0.1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"length": -1.0}, r"length must be > 0 m, got -1\.0"),
        ({"betas": (np.nan,)}, r"beta2 must be a finite number in s\^2/m, got nan"),
        ({"betas": (0.0, np.inf)}, r"beta3 must be a finite number in s\^3/m"),
        ({"gamma": np.inf}, "gamma must be a finite number"),
        ({"loss": -0.1}, r"loss must be >= 0 1/m, got -0\.1"),
        ({"raman": "silica"}, "raman must be one of"),
    ],
)
def test_what_makes_no_fibre_is_refused(
    changes: dict[str, object], message: str
) -> None:
    arguments: dict[str, object] = {
        "length": 1.0, "wavelength": 1e-6, "betas": (1e-26,), "gamma": 1e-3, **changes,
    }  # fmt: skip
    with pytest.raises(InvalidValue, match=message):
        Fibre(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("betas", [-1e-26, "abc", None])
def test_what_is_no_series_of_betas_is_refused(betas: object) -> None:
    with pytest.raises(InvalidKind, match=r"betas must be a sequence \(beta2, beta3"):
        Fibre(length=1.0, wavelength=1e-6, betas=betas, gamma=0.0)  # type: ignore[arg-type]


def test_without_dispersion_there_is_no_soliton_number() -> None:
    fibre = Fibre(length=1.0, wavelength=1e-6, betas=(), gamma=1e-3)
    with pytest.raises(InvalidValue, match="soliton_order needs beta2 other than 0"):
        fibre.soliton_order(1.0, 1e-12)
