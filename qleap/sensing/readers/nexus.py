"""Signal, axes and errors where a NeXus file says which they are.

https://manual.nexusformat.org/classes/base_classes/NXdata.html
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from qleap.sensing.readers.contents import text_of

__all__ = ["nexus_items"]


def nexus_items(content: Any) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return role and axes of the datasets of the default NXdata group, by path.

    Parameters
    ----------
    content : h5py.File

    Returns
    -------
    dict
        Path to role (``"signal"``, ``"x"``, ``"error"``) and names of axes; empty
        where the file is no NeXus file. Both the ``signal`` and ``axes`` attributes
        of the group and the older ones of its datasets are understood.
    """
    for group in _candidates(content):
        signal = _signal(group)
        if signal is None:
            continue
        axes = _axes(group, signal)
        base = group.name.strip("/")
        path = f"{base}/{signal}".lstrip("/")
        full = tuple(f"{base}/{a}".lstrip("/") if a else "" for a in axes)
        found = {path: ("signal", full)}
        if np.ndim(group[signal]) == 1 and full and full[0]:
            found[full[0]] = ("x", ())
        for one in (*axes,) if group[signal].ndim > 1 else ():
            if one:
                found[f"{base}/{one}".lstrip("/")] = ("", ())
        for name in (f"{signal}_errors", "errors"):
            if name in group and group[name].shape == group[signal].shape:
                found[f"{base}/{name}".lstrip("/")] = ("error", full)
                break
        return found
    return {}


def _candidates(content: Any) -> Iterator[Any]:
    """Yield NXdata groups, the one that ``default`` attributes lead to first."""
    import h5py

    place = content
    for _ in range(8):
        if _class(place) == "NXdata":
            yield place
            break
        following = place.attrs.get("default")
        name = text_of(following) if following is not None else None
        if name is None or name not in place:
            break
        place = place[name]
        if not isinstance(place, h5py.Group):
            break
    found: list[Any] = []

    def collect(_: str, item: Any) -> None:
        if isinstance(item, h5py.Group) and _class(item) == "NXdata":
            found.append(item)

    content.visititems(collect)
    yield from found


def _signal(group: Any) -> str | None:
    """Return the name of the signal of an NXdata group."""
    import h5py

    given = group.attrs.get("signal")
    if given is not None and text_of(given) in group:
        return text_of(given)
    for name, item in group.items():
        if (
            isinstance(item, h5py.Dataset)
            and text_of(item.attrs.get("signal", "")) == "1"
        ):
            return str(name)
    return None


def _axes(group: Any, signal: str) -> tuple[str, ...]:
    """Return the names of the axes of the signal, empty where they are not given."""
    ndim = group[signal].ndim
    given = group.attrs.get("axes", group[signal].attrs.get("axes"))
    if given is not None:
        names = _names(given)
        indices = [group.attrs.get(f"{name}_indices") for name in names]
        places = [
            int(np.ravel(i)[0]) if i is not None else k for k, i in enumerate(indices)
        ]
        found = [""] * ndim
        for name, place in zip(names, places, strict=True):
            if place < ndim and name in group:
                found[place] = name
        return tuple(found)
    found = [""] * ndim
    for name, item in group.items():
        number = text_of(item.attrs.get("axis", ""))
        if number.isdigit() and 1 <= int(number) <= ndim:
            found[int(number) - 1] = name
    return tuple(found)


def _names(given: Any) -> list[str]:
    """Return the names in ``["x", "y"]``, ``"x:y"`` or ``"[x,y]"``."""
    if np.size(given) > 1 or (isinstance(given, np.ndarray) and given.ndim):
        return [text_of(one) for one in np.ravel(given)]
    text = text_of(given).strip("[]")
    return [part.strip() for part in text.replace(",", ":").split(":") if part.strip()]


def _class(group: Any) -> str:
    return text_of(group.attrs.get("NX_class", ""))
