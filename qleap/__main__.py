"""``python -m qleap`` is the command ``qleap``."""

from qleap.cli.main import main

if __name__ == "__main__":
    main()
