"""`python -m bfg_policy`: the same as the command `bfg-policy`."""

from bfg_policy.cli import main

if __name__ == "__main__":
    main()
