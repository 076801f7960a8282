"""Phase matching against published angles and widths, a peer, and analytic limits."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.constants import c

from qleap.core.errors import InvalidKind, InvalidValue
from qleap.laser.media import Crystal, ThreeWaveMixing


def close(expected: object, rel: float = 1e-6) -> object:
    """Return what equals ``expected`` relatively; pytest alone lets 1e-12 pass."""
    return pytest.approx(expected, rel=rel, abs=0.0)


BBO = Crystal(name="BBO")
DOUBLING = ThreeWaveMixing.second_harmonic(BBO, 800e-9, "ooe")


@pytest.mark.parametrize(
    ("name", "wavelength", "polarisations", "degrees", "accuracy"),
    [
        # The usual cuts, as makers sell them and SNLO is quoted.
        ("BBO", 800e-9, "ooe", 29.2, 0.1),
        ("BBO", 1064e-9, "ooe", 22.8, 0.1),
        ("BBO", 1064e-9, "oee", 32.4, 0.3),
        ("KDP", 1064e-9, "ooe", 41.2, 0.3),
        ("KDP", 1064e-9, "oee", 59.1, 0.3),
    ],
)
def test_uniaxial_crystals_match_at_the_published_angles(
    name: str, wavelength: float, polarisations: str, degrees: float, accuracy: float
) -> None:
    mixing = ThreeWaveMixing.second_harmonic(
        Crystal(name=name), wavelength, polarisations
    )
    assert_allclose(np.degrees(mixing.matching_angles()), [degrees], atol=accuracy)


@pytest.mark.parametrize(
    ("name", "polarisations", "fixed", "degrees", "accuracy"),
    [
        # In the xy plane at 1064 nm: usual cuts of LBO (11.4 to 11.6) and KTP (23.5).
        ("LBO", "ssf", {"theta": 0.5 * np.pi}, 11.5, 0.2),
        ("KTP", "sff", {"theta": 0.5 * np.pi}, 23.5, 0.2),
        # The cut of 168.9 degrees in the yz plane (of a frame with z and y like here),
        # as ndispers quotes Petrov et al.: 168.8.
        ("BiBO", "ssf", {"phi": 0.5 * np.pi}, 180.0 - 168.8, 0.2),
    ],
)
def test_biaxial_crystals_match_at_the_published_angles(
    name: str,
    polarisations: str,
    fixed: dict[str, float],
    degrees: float,
    accuracy: float,
) -> None:
    mixing = ThreeWaveMixing.second_harmonic(Crystal(name=name), 1064e-9, polarisations)
    found = np.degrees(mixing.matching_angles(**fixed))
    assert_allclose(found, [degrees], atol=accuracy)


@pytest.mark.parametrize(
    ("first", "second", "polarisations", "radians"),
    [
        # ndispers 0.13, BetaBBO_Tamosauskas2018.
        (800e-9, 800e-9, "ooe", 0.5098238),
        (800e-9, 800e-9, "oee", 0.7360429),
        (600e-9, 1200e-9, "ooe", 0.4834113),
        (600e-9, 1200e-9, "oee", 0.5898973),
        (600e-9, 1200e-9, "eoe", 0.8935360),
    ],
)
def test_a_peer_finds_the_same_angles(
    first: float, second: float, polarisations: str, radians: float
) -> None:
    mixing = ThreeWaveMixing(
        crystal=BBO, wavelengths=(first, second), polarisations=polarisations
    )
    assert_allclose(mixing.matching_angles(), [radians], atol=3e-6)


def test_ktp_lbo_and_poled_niobate_are_those_of_a_peer() -> None:
    # ndispers 0.13: KTP_xy with Kato and Takaoka (2002), LBO_KK1994_xy with Kato
    # (1994), MgOLN_Zelmon1997; its angles are good to 5e-6.
    ktp = ThreeWaveMixing.second_harmonic(Crystal(name="KTP"), 1064e-9, "sff")
    assert_allclose(ktp.matching_angles(theta=0.5 * np.pi), [0.4115708], atol=5e-6)
    lbo = ThreeWaveMixing.second_harmonic(Crystal(name="LBO"), 1064e-9, "ssf")
    found = np.degrees(lbo.matching_angles(theta=0.5 * np.pi))
    assert_allclose(found, [11.6138542], atol=1e-4)
    niobate = Crystal(name="MgO:LiNbO3")
    poled = ThreeWaveMixing.second_harmonic(niobate, 1064e-9, "eee")
    assert poled.poling_period() == close(6.9950224e-6, rel=1e-6)
    assert poled.poling_period(order=3) == close(3 * 6.9950224e-6, rel=1e-6)
    assert poled.effective_nonlinearity(0.5 * np.pi) == close(25e-12)


def test_the_mismatch_vanishes_at_the_matching_angle() -> None:
    theta = float(DOUBLING.matching_angles()[0])
    wave = 2 * np.pi / 400e-9
    assert abs(float(DOUBLING.mismatch(theta))) < 1e-9 * wave
    ordinary = float(BBO.refractive_index(800e-9, "o", 0.0))
    extraordinary = float(BBO.refractive_index(400e-9, "e", theta))
    assert extraordinary == close(ordinary, rel=1e-12)


def test_doubling_800_nm_has_the_published_walk_off_and_delay() -> None:
    # As usually quoted from SNLO: 68 mrad, d_eff 2.0 pm/V, 194 fs/mm.
    theta = float(DOUBLING.matching_angles()[0])
    assert DOUBLING.walk_offs(theta)[2] == close(68e-3, rel=0.01)
    delay = DOUBLING.group_velocity_mismatch(theta)
    assert_allclose(delay, [194e-12, 194e-12], rtol=0.01)
    best = DOUBLING.effective_nonlinearity(theta, 0.5 * np.pi)
    assert best == close(2.0e-12, rel=0.08)


def test_effective_nonlinearities_have_the_closed_forms() -> None:
    # Dmitriev, Gurzadyan and Nikogosyan, section 2.1, with the walk-off of the fields
    # (so in the tests of ndispers).
    theta = float(DOUBLING.matching_angles()[0])
    walk_off = float(DOUBLING.walk_offs(theta)[2])
    for phi in (0.0, 0.3, 0.5 * np.pi):
        at = theta + walk_off
        expected = 0.04 * np.sin(at) - 2.2 * np.cos(at) * np.sin(3 * phi)
        found = DOUBLING.effective_nonlinearity(theta, phi)
        assert found == close(abs(expected) * 1e-12, rel=1e-9)
    kdp = ThreeWaveMixing.second_harmonic(Crystal(name="KDP"), 1064e-9, "ooe")
    theta = float(kdp.matching_angles()[0])
    at = theta + float(kdp.walk_offs(theta)[2])
    found = kdp.effective_nonlinearity(theta, 0.25 * np.pi)
    assert found == close(0.39e-12 * np.sin(at), rel=1e-9)


def efficiency_width(mismatch: np.ndarray, x: np.ndarray, length: float) -> float:
    """Return where sinc^2 of the exact mismatch falls to one half, both sides."""
    efficiency = np.sinc(mismatch * length / (2 * np.pi)) ** 2
    inside = x[efficiency >= 0.5]
    return float(inside[-1] - inside[0])


def test_the_acceptance_angle_is_where_the_efficiency_is_half() -> None:
    theta, length = float(DOUBLING.matching_angles()[0]), 10e-3
    x = theta + np.linspace(-3e-4, 3e-4, 60_001)
    expected = efficiency_width(DOUBLING.mismatch(x), x, length)
    found = DOUBLING.acceptance_angle(length, theta)
    assert found == close(expected, rel=1e-3)


def test_the_bandwidth_is_where_the_efficiency_is_half() -> None:
    theta, length = float(DOUBLING.matching_angles()[0]), 10e-3
    x = c / 800e-9 + np.linspace(-4e11, 4e11, 1601)
    exact = np.array(
        [
            float(ThreeWaveMixing.second_harmonic(BBO, c / f, "ooe").mismatch(theta))
            for f in x
        ]
    )
    expected = efficiency_width(exact, x, length)
    found = DOUBLING.acceptance_bandwidth(length, theta)
    assert found == close(expected, rel=5e-3)


def test_widths_go_with_the_inverse_length() -> None:
    theta = float(DOUBLING.matching_angles()[0])
    for width in (DOUBLING.acceptance_angle, DOUBLING.acceptance_bandwidth):
        assert width(1e-3, theta) == close(10 * width(10e-3, theta))


def test_parametric_amplification_is_the_mixing_of_signal_and_idler() -> None:
    opa = ThreeWaveMixing.parametric(
        BBO, pump=400e-9, signal=600e-9, polarisations="ooe"
    )
    assert opa.wavelengths[1] == close(1200e-9)
    assert opa.all_wavelengths[2] == close(400e-9)
    assert_allclose(opa.matching_angles(), [0.4834113], atol=3e-6)


def test_what_cannot_be_matched_gives_no_angle() -> None:
    doubling = ThreeWaveMixing.second_harmonic(BBO, 400e-9, "ooe")
    assert doubling.matching_angles().size == 0


def test_wrong_waves_are_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidValue, match="three letters of o and e for BBO"):
        ThreeWaveMixing.second_harmonic(BBO, 800e-9, "ssf")
    with pytest.raises(InvalidValue, match="signal must be longer than the pump"):
        ThreeWaveMixing.parametric(BBO, pump=800e-9, signal=400e-9, polarisations="ooe")
    ktp = ThreeWaveMixing.second_harmonic(Crystal(name="KTP"), 1064e-9, "sff")
    with pytest.raises(InvalidValue, match="KTP is biaxial"):
        ktp.matching_angles()
    with pytest.raises(InvalidValue, match="give theta or phi, not both"):
        ktp.matching_angles(theta=0.1, phi=0.1)
    with pytest.raises(InvalidValue, match="length must be > 0 m"):
        DOUBLING.acceptance_angle(0.0, 0.5)
    with pytest.raises(InvalidKind, match=r"take Crystal\(name='BBO'\)"):
        ThreeWaveMixing.second_harmonic("BBO", 800e-9, "ooe")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="wavelengths must be two > 0 m"):
        ThreeWaveMixing(crystal=BBO, wavelengths=(8e-7,), polarisations="ooe")  # type: ignore[arg-type]
