"""BLAS on one thread."""

from contextlib import ExitStack

from threadpoolctl import threadpool_info, threadpool_limits

from qleap.core.blas import one_blas_thread


def _threads() -> set[int]:
    import numpy  # noqa: F401

    return {
        one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"
    }


def test_blas_has_one_thread_inside_and_as_many_as_before_outside() -> None:
    with threadpool_limits(2, "blas"):
        before = _threads()
        with one_blas_thread():
            assert _threads() <= {1}
        assert _threads() == before


def test_callers_that_leave_one_after_the_other_keep_one_thread_to_the_last() -> None:
    with threadpool_limits(2, "blas"):
        before = _threads()
        first, second = ExitStack(), ExitStack()
        first.enter_context(one_blas_thread())
        second.enter_context(one_blas_thread())
        first.close()
        assert _threads() <= {1}
        second.close()
        assert _threads() == before
