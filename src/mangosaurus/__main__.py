"""`python -m mangosaurus`."""

from mangosaurus.cli.app import main

if __name__ == "__main__":
    main()
