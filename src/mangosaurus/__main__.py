"""`mangosaurus` and `python -m mangosaurus`."""

import sys


def main() -> None:
    """Runs the command line: see `cli.app.main`."""
    try:
        from mangosaurus.cli.app import main as run
    except KeyboardInterrupt:  # the imports take a tenth of a second, in which Ctrl-C may come
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
