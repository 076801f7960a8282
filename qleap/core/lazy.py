"""Names of a package that load on first use (PEP 562)."""

import importlib
from collections.abc import Callable, Mapping

__all__ = ["attach"]


def attach(
    package: str, names: Mapping[str, str | None]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` for a package with lazy names.

    Parameters
    ----------
    package : str
        The package, as its ``__name__``.
    names : mapping of str to str or None
        Public name to the submodule that defines it; ``None`` where the name is
        itself a submodule. A function must not share its submodule's name: the
        import system would put the module in its place.

    Returns
    -------
    tuple of callable
        Assign them to the package's ``__getattr__`` and ``__dir__``.
    """

    def load(name: str) -> object:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        submodule = names[name]
        if submodule is None:
            return importlib.import_module(f"{package}.{name}")
        return getattr(importlib.import_module(f"{package}.{submodule}"), name)

    return load, lambda: sorted(names)
