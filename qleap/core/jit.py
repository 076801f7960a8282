"""Compiled loops: the only module that imports numba.

Kernels compile at their first call (never at import), are cached on disk, and
release the GIL. A compilation that takes longer than a second is announced on
the terminal, because silence there reads as a hang.
"""

import hashlib
import logging
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import _dynfunc, prange, types
from numba.core import event
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering
from numba.extending import intrinsic as _intrinsic
from numba.extending import models, register_model

__all__ = [
    "PrimitiveModel",
    "Type",
    "inner_kernel",
    "intrinsic",
    "is_compiled",
    "kernel",
    "parallel_kernel",
    "prange",
    "register_model",
    "set_threads",
    "threads",
    "types",
]

F = TypeVar("F", bound=Callable[..., Any])

Type = types.Type
"""The base of numba's types, for types of our own."""

PrimitiveModel = models.PrimitiveModel
"""How a type that LLVM knows is laid out."""

PACKAGE = Path(__file__).resolve().parents[1]

REORDER = {"contract", "reassoc"}
"""LLVM flags that allow vectorised sums but keep NaN and infinity exact."""

ANNOUNCE_AFTER = 1.0
"""Seconds of compilation after which the terminal is told."""

_log = logging.getLogger(__name__)


def kernel(function: F, /) -> F:
    """Compile ``function`` at its first call, cached on disk, for one thread."""
    compiled = numba.njit(
        function, cache=True, error_model="numpy", nogil=True, fastmath=REORDER
    )
    return cast("F", _kept(compiled))


def parallel_kernel(function: F, /) -> F:
    """Compile ``function`` with `prange` loops spread over threads.

    Never compile one Python function with both decorators: numba's disk cache
    does not see the options (numba issue 6845) and would hand out the wrong one.
    """
    compiled = numba.njit(
        function,
        cache=True,
        error_model="numpy",
        nogil=True,
        fastmath=REORDER,
        parallel=True,
    )
    return cast("F", _kept(compiled))


def inner_kernel(function: F, /) -> F:
    """Compile ``function`` for calls from other kernels alone.

    It has no entry for Python and no machine code of its own, which would take more
    than half of the time to compile, and one version for all written numbers.
    """
    compiled: Any = numba.njit(
        function,
        error_model="numpy",
        nogil=True,
        fastmath=REORDER,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        pipeline_class=_InnerCompiler,
    )
    if hasattr(compiled, "get_call_template"):  # numba is not switched off
        find = compiled.get_call_template
        compiled.get_call_template = lambda arguments, named: find(
            tuple(map(types.unliteral, arguments)),
            {name: types.unliteral(kind) for name, kind in named.items()},
        )
    return cast("F", compiled)


class _InnerLibrary(JITCodeLibrary):  # type: ignore[misc]  # numba is untyped
    """LLVM code that callers take in, and that never becomes machine code itself."""

    def _optimize_final_module(self) -> None:
        """Leave that to the callers, which would do it again."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class _InnerLowering(NativeLowering):  # type: ignore[misc]  # numba is untyped
    """Make LLVM code of an inner kernel and let its callers know where it is."""

    _name = "inner_lowering"

    def run_pass(self, state: Any) -> bool:
        name = state.func_id.func_qualname
        state.library = _InnerLibrary(state.targetctx.codegen(), name)
        state.flags.no_compile = True
        super().run_pass(state)
        lowered, keep = state.cr, (state.library,)
        module = lowered.fndesc.lookup_module()
        entry = _dynfunc.make_function(module, name, "", 0, lowered.env, keep)
        state.targetctx.insert_user_function(entry, lowered.fndesc, keep)
        state.cr = lowered._replace(cfunc=entry)
        return True


UNUSED = {
    "FindLiterallyCalls",
    "InlineClosureLikes",
    "InlineInlinables",
    "LiteralUnroll",
    "MakeFunctionToJitFunction",
    "NopythonRewrites",
    "RewriteDynamicRaises",
    "WithLifting",
}
"""Steps for closures, ``with``, ``literally``, expressions of whole arrays and messages
made at run time: inner kernels have none of these, and each step reads all code."""


class _InnerCompiler(CompilerBase):  # type: ignore[misc]  # numba is untyped
    """Numba's own steps up to the LLVM code."""

    def define_pipelines(self) -> list[Any]:
        steps = DefaultPassBuilder.define_nopython_pipeline(self.state)
        steps.passes = [
            (_InnerLowering if step is NativeLowering else step, text)
            for step, text in steps.passes
            if step.__name__ not in UNUSED
        ]
        steps.finalize()
        return [steps]


def _kept(compiled: Any) -> Any:
    """Keep a kernel on disk by the text of all kernel files, whatever their checkout.

    Numba looks at the file of the function alone, although what it calls in other
    files is compiled into it; and where ``NUMBA_CACHE_DIR`` names a folder it parts
    kernels by the paths of their files, so that no copy of a checkout finds what
    another has compiled.
    """
    if not hasattr(compiled, "_cache"):  # numba is switched off
        return compiled
    kept = compiled._cache
    file = kept._cache_file
    file._source_stamp = (file._source_stamp, _sources())
    source = Path(compiled.py_func.__code__.co_filename).resolve()
    if numba.config.CACHE_DIR and source.is_relative_to(PACKAGE):
        place = source.parent.relative_to(PACKAGE)
        folder = Path(numba.config.CACHE_DIR, f"qleap-{_sources()[:16]}", place)
        kept._cache_path = kept._impl.locator._cache_path = str(folder)
        file._cache_path, file._index_path = str(folder), str(folder / file._index_name)
    return compiled


@cache
def _sources() -> str:
    """Return a digest of all files whose functions end up in compiled code."""
    found = [*PACKAGE.glob("*/_kernels/**/*.py"), *PACKAGE.glob("core/*.py")]
    digest = hashlib.sha256()
    for path in sorted(found):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_compiled(
    kernel_function: Callable[..., Any],
    fits: Callable[[str], bool] = lambda types: True,  # noqa: ARG005
) -> bool:
    """Tell whether a kernel lies compiled in memory or on disk.

    Parameters
    ----------
    kernel_function : kernel
        From `kernel` or `parallel_kernel`.
    fits : callable
        Which types of arguments, written as a string, are meant; any by default.
    """
    dispatcher: Any = kernel_function
    if not hasattr(dispatcher, "signatures"):  # numba is switched off
        return True
    if any(fits(str(signature)) for signature in dispatcher.signatures):
        return True
    stored = dispatcher._cache._cache_file._load_index()
    return any(fits(str(key[0])) for key in stored)


def intrinsic(function: Callable[..., Any], /) -> Callable[..., Any]:
    """Make ``function`` a generator of LLVM code, called from inside kernels."""
    return cast("Callable[..., Any]", _intrinsic(function))


def threads() -> int:
    """Return the number of threads that parallel kernels use."""
    return int(numba.get_num_threads())


def set_threads(count: int) -> None:
    """Set the number of threads that parallel kernels use in this thread."""
    numba.set_num_threads(count)


class _Announcer(event.Listener):  # type: ignore[misc]
    """Tell the terminal about compilations that take long enough to notice."""

    def __init__(self) -> None:
        self._depth = 0
        self._timer: threading.Timer | None = None

    def on_start(self, event: event.Event) -> None:
        self._depth += 1
        if self._depth == 1:
            name = event.data["dispatcher"].py_func.__name__
            self._timer = threading.Timer(ANNOUNCE_AFTER, announce, (name,))
            self._timer.daemon = True
            self._timer.start()

    def on_end(self, event: event.Event) -> None:  # noqa: ARG002
        self._depth -= 1
        if self._depth == 0 and self._timer is not None:
            self._timer.cancel()
            self._timer = None


def announce(name: str) -> None:
    """Say that the kernel called ``name`` is being compiled."""
    _log.info("compiling %s", name)
    if sys.stderr.isatty():
        sys.stderr.write(f"compiling {name} (once; the result is kept on disk) ...\n")


event.register("numba:compile", _Announcer())
