"""Planes above sources: backgrounds, continuation, currents, and the fields of both."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qleap.core import checks
from qleap.core.constants import VACUUM_PERMEABILITY
from qleap.core.errors import InvalidValue

__all__ = [
    "continue_upward",
    "current_density",
    "field_components",
    "field_of_currents",
    "field_of_dipole",
    "magnetisation",
    "remove_background",
]

Array = NDArray[np.float64]


def remove_background(
    image: ArrayLike, *, degree: int = 1, mask: ArrayLike | None = None
) -> Array:
    """Return an image minus its least-squares polynomial in both directions.

    Parameters
    ----------
    image : array_like, shape (rows, columns)
        NaN is left out of the fit and stays.
    degree : int
        Total degree: 0 removes a constant, 1 a plane, 2 a bowl.
    mask : array_like of bool, optional
        True where the image shows a source, which must not bend the background.
    """
    picture = _picture("image", image, gaps=True)
    checks.count("degree", degree, 0, 6)
    y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in picture.shape), indexing="ij")
    terms = [
        x**i * y**j for i in range(degree + 1) for j in range(degree + 1 - i)
    ]  # fmt: skip
    use = np.isfinite(picture)
    if mask is not None:
        source = np.asarray(mask, dtype=bool)
        if source.shape != picture.shape:
            raise InvalidValue(
                f"mask must have the shape {picture.shape} of the image, got "
                f"{source.shape}."
            )
        use &= ~source
    design = np.stack([term[use] for term in terms], axis=1)
    if len(design) < len(terms):
        raise InvalidValue(
            f"image must have at least {len(terms)} pixels outside the mask for degree "
            f"{degree}, got {len(design)}."
        )
    weights = np.linalg.lstsq(design, picture[use])[0]
    level = sum(w * term for w, term in zip(weights, terms, strict=True))
    return np.asarray(picture - level)


def continue_upward(image: ArrayLike, *, pixel: float, height: float) -> Array:
    r"""Return a component of the field ``height`` farther from its sources.

    .. math:: \tilde B(k, z + h) = e^{-|k| h}\, \tilde B(k, z)

    Parameters
    ----------
    image : array_like, shape (rows, columns), T
        On a plane above all sources; the picture is continued by its mirror image.
    pixel : float
        Distance of pixels, m.
    height : float
        m, not negative: towards the sources noise would grow without bound.
    """
    picture = _picture("image", image)
    checks.non_negative("height", height, "m")
    _, _, k = _wave_numbers(picture.shape, pixel)
    spectrum = np.fft.fft2(_mirrored(picture)) * np.exp(-k * height)
    return _cut(np.fft.ifft2(spectrum).real, picture.shape)


def field_components(b_z: ArrayLike, *, pixel: float) -> Array:
    r"""Return B_x, B_y, B_z on a plane from B_z alone, shape ``(3, rows, columns)``.

    Above its sources a field has no curl and no divergence, so that
    :math:`\tilde B_{x,y} = -i k_{x,y}/|k|\, \tilde B_z` (Lima and Weiss, J. Geophys.
    Res. 114, B06102 (2009)). The mean of the components across is not determined and
    is zero.
    """
    picture = _picture("b_z", b_z)
    k_x, k_y, k = _wave_numbers(picture.shape, pixel, mirrored=False)
    spectrum = np.fft.fft2(picture)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = [np.where(k > 0.0, -1j * one / k, 0.0) for one in (k_x, k_y)]
    across = [np.fft.ifft2(one * spectrum).real for one in ratio]
    return np.stack([*across, picture])


def current_density(
    b_z: ArrayLike, *, pixel: float, height: float, cutoff: float | None = None
) -> Array:
    r"""Return the sheet current below a map of B_z, shape ``(2, rows, columns)``, A/m.

    .. math::
        \tilde J_x = \frac{2 e^{k h}}{\mu_0} \frac{i k_y}{k} w(k) \tilde B_z,
        \qquad
        \tilde J_y = -\frac{2 e^{k h}}{\mu_0} \frac{i k_x}{k} w(k) \tilde B_z

    with a Hann window :math:`w = (1 + \cos(\pi k/k_c))/2` below the cutoff and zero
    above, without which noise would grow as :math:`e^{kh}`.

    Parameters
    ----------
    b_z : array_like, shape (rows, columns), T
        Perpendicular to the sheet.
    pixel, height : float
        Distance of pixels, and of the map from the sheet, m.
    cutoff : float, optional
        Wavelength :math:`2\pi/k_c` below which nothing is kept, m; by default the
        height.

    References
    ----------
    Roth, Sepulveda and Wikswo, J. Appl. Phys. 65, 361 (1989).
    """
    picture, stream = _stream(b_z, pixel, height, cutoff)
    k_x, k_y, _ = _wave_numbers(picture.shape, pixel, mirrored=False)
    j_x = np.fft.ifft2(1j * k_y * stream).real
    j_y = np.fft.ifft2(-1j * k_x * stream).real
    return np.stack([j_x, j_y])


def magnetisation(
    b_z: ArrayLike, *, pixel: float, height: float, cutoff: float | None = None
) -> Array:
    r"""Return the magnetisation of a thin sheet below a map of B_z, A.

    .. math:: \tilde M_z = \frac{2 e^{k h}}{\mu_0 k}\, w(k)\, \tilde B_z

    for moments perpendicular to the sheet, per area (A m^2/m^2); w as in
    `current_density`, of which this is the stream function. The mean makes no field and
    is set so that the border of the picture is zero on average.

    Parameters
    ----------
    b_z : array_like, shape (rows, columns), T
    pixel, height : float
        Distance of pixels, and of the map from the sheet, m.
    cutoff : float, optional
        Shortest wavelength that is kept, m; by default the height.

    References
    ----------
    Lima and Weiss, J. Geophys. Res. 114, B06102 (2009).
    """
    _, stream = _stream(b_z, pixel, height, cutoff)
    found = np.fft.ifft2(stream).real
    border = [found[0], found[-1], found[:, 0], found[:, -1]]
    return np.asarray(found - np.mean(np.concatenate(border)))


def field_of_currents(current: ArrayLike, *, pixel: float, height: float) -> Array:
    """Return B_x, B_y, B_z of a sheet current at a height, by Biot and Savart's sum.

    Parameters
    ----------
    current : array_like, shape (2, rows, columns), A/m
        J_x along the columns, J_y along the rows.
    pixel, height : float
        m.

    Returns
    -------
    ndarray, shape (3, rows, columns), T
        Of the currents in the picture alone: nothing is repeated or mirrored, so that
        this can check a reconstruction.
    """
    from scipy.signal import fftconvolve

    sheet = np.asarray(current, dtype=np.float64)
    if sheet.ndim != 3 or sheet.shape[0] != 2:
        raise InvalidValue(
            f"current must have the shape (2, rows, columns), got {sheet.shape}."
        )
    checks.positive("height", height, "m")
    rows, columns = sheet.shape[1:]
    y, x = np.meshgrid(
        np.arange(1 - rows, rows) * checks.positive("pixel", pixel, "m"),
        np.arange(1 - columns, columns) * pixel,
        indexing="ij",
    )
    cube = (x**2 + y**2 + height**2) ** 1.5
    unit = VACUUM_PERMEABILITY * pixel**2 / (4.0 * np.pi)

    def summed(source: Array, shape: Array) -> Array:
        full = fftconvolve(source, unit * shape / cube, mode="full")
        return np.asarray(full[rows - 1 : 2 * rows - 1, columns - 1 : 2 * columns - 1])

    j_x, j_y = sheet
    z = np.full_like(x, height)
    return np.stack([summed(j_y, z), -summed(j_x, z), summed(j_x, y) - summed(j_y, x)])


def field_of_dipole(moment: ArrayLike, position: ArrayLike, points: ArrayLike) -> Array:
    r"""Return the field of a magnetic dipole, shape ``(..., 3)``, T.

    .. math:: B = \frac{\mu_0}{4\pi r^3} [3 (m \cdot n) n - m]

    Parameters
    ----------
    moment : array_like, shape (3,), A m^2
    position : array_like, shape (3,), m
    points : array_like, shape (..., 3), m
    """
    m = checks.triple("moment", moment, "A m^2")
    away = checks.vectors("points", points, "m") - checks.triple(
        "position", position, "m"
    )
    distance = np.linalg.norm(away, axis=-1, keepdims=True)
    if np.any(distance == 0.0):
        raise InvalidValue("points must not lie on the dipole itself.")
    n = away / distance
    along = np.einsum("...i,i->...", n, m)[..., None]
    return np.asarray(
        VACUUM_PERMEABILITY / (4.0 * np.pi * distance**3) * (3.0 * along * n - m)
    )


def _stream(
    b_z: ArrayLike, pixel: float, height: float, cutoff: float | None
) -> tuple[Array, Any]:
    """Return the picture and the spectrum of the stream function of the sheet."""
    picture = _picture("b_z", b_z)
    checks.positive("height", height, "m")
    shortest = height if cutoff is None else checks.positive("cutoff", cutoff, "m")
    _, _, k = _wave_numbers(picture.shape, pixel, mirrored=False)
    share = np.minimum(k * shortest / (2.0 * np.pi), 1.0)
    window = 0.5 * (1.0 + np.cos(np.pi * share))
    grown = 2.0 * np.exp(np.minimum(k * height, 300.0)) / VACUUM_PERMEABILITY
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(k > 0.0, grown * window / k, 0.0)
    return picture, ratio * np.fft.fft2(picture)


def _picture(name: str, image: ArrayLike, *, gaps: bool = False) -> Array:
    picture = np.asarray(image, dtype=np.float64)
    if picture.ndim != 2 or min(picture.shape) < 2:
        raise InvalidValue(
            f"{name} must be a picture of the shape (rows, columns), got "
            f"{picture.shape}."
        )
    if not gaps and not np.all(np.isfinite(picture)):
        raise InvalidValue(
            f"{name} must be finite everywhere for a Fourier transform; fill the "
            f"{int(np.sum(~np.isfinite(picture)))} missing pixels first."
        )
    return picture


def _mirrored(picture: Array) -> Array:
    wide = np.concatenate([picture, picture[:, ::-1]], axis=1)
    return np.concatenate([wide, wide[::-1]], axis=0)


def _cut(picture: Array, shape: tuple[int, ...]) -> Array:
    return np.ascontiguousarray(picture[: shape[0], : shape[1]])


def _wave_numbers(
    shape: tuple[int, ...], pixel: float, *, mirrored: bool = True
) -> tuple[Array, Array, Array]:
    """Return k_x (along the columns), k_y and k, rad/m."""
    checks.positive("pixel", pixel, "m")
    rows, columns = (2 * n if mirrored else n for n in shape)
    k_y = 2.0 * np.pi * np.fft.fftfreq(rows, pixel)[:, None]
    k_x = 2.0 * np.pi * np.fft.fftfreq(columns, pixel)[None, :]
    return np.asarray(k_x), np.asarray(k_y), np.asarray(np.hypot(k_x, k_y))
