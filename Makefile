# `make check` is what a change must pass; it uses the environment that is active.
.PHONY: check format test docs

check:
	ruff format --check .
	ruff check .
	mypy
	lint-imports
	pytest -n auto --dist worksteal

format:
	ruff format .
	ruff check --fix .

test:
	pytest -m "not slow"

docs:
	sphinx-build -W -b html docs docs/_build
