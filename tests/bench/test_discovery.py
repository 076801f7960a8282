"""Where benchmarks are looked for."""

from pathlib import Path

import pytest

import qleap
from qleap.bench.discovery import benchmarks_folder, policies, suites
from qleap.core.errors import InvalidValue


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an installed package that holds nothing yet."""
    path = tmp_path / "site-packages" / "qleap"
    path.mkdir(parents=True)
    monkeypatch.setattr(qleap, "__file__", str(path / "__init__.py"))
    return path


def test_checkout_has_its_benchmarks_beside_the_package(package: Path) -> None:
    (package.parent / "benchmarks").mkdir()
    assert benchmarks_folder() == package.parent / "benchmarks"


def test_installed_package_prefers_its_own_copy(package: Path) -> None:
    (package.parent / "benchmarks").mkdir()  # left by another package
    (package / "_benchmarks").mkdir()
    assert benchmarks_folder() == package / "_benchmarks"


def test_absent_benchmarks_are_said(package: Path) -> None:
    with pytest.raises(InvalidValue, match="give one with --folder"):
        benchmarks_folder()
    assert package.is_dir()


def test_suites_are_chosen_by_the_domain_of_the_prefix(folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "topic.py").write_text("", encoding="utf-8")
    (folder / "toy" / "_private.py").write_text("", encoding="utf-8")

    def names(prefix: str) -> list[str]:
        return [one.name for one in suites(folder, prefix)]

    assert names("") == ["other.topic", "toy.sums"]
    assert names("to") == ["toy.sums"]
    assert names("toy.sums.exact") == ["toy.sums"]
    with pytest.raises(InvalidValue, match=r"got 'to\.x'"):
        names("to.x")


def test_policies_are_chosen_by_domain(folder: Path) -> None:
    assert [one.domain for one in policies(folder, "toy")] == ["toy"]
    with pytest.raises(InvalidValue, match="did you mean 'toy'"):
        policies(folder, "tpy")
