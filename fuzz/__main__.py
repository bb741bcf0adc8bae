"""`python -m fuzz TARGET [libFuzzer's options]`: fuzz one target, beginning with its seeds."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]

_HERE = Path(__file__).resolve().parent
_FOUND = Path(os.environ.get("FUZZ_FOUND", "build/fuzz"))


def main() -> None:
    """Fuzz until an option or a fault ends it; exit code 0 where no fault was found.

    Options that are files are tried once each, and nothing else.
    """
    name, *options = sys.argv[1:] or [""]
    seeds = _HERE / "corpus" / name
    with atheris.instrument_imports(include=["bfg_policy"]):
        from fuzz.targets import TARGETS

        if name not in TARGETS:
            sys.exit(f"usage: python -m fuzz TARGET [OPTION]...; targets: {', '.join(TARGETS)}")
        # What a target imports only while it works is to be instrumented, too.
        for seed in sorted(seeds.iterdir()):
            TARGETS[name](seed.read_bytes())
    given_files = [Path(option) for option in options if Path(option).is_file()]
    for file in given_files:
        TARGETS[name](file.read_bytes())
    if given_files:
        return
    # The first folder takes in what was found to lead somewhere new: never the seeds.
    found = _FOUND / name
    found.mkdir(parents=True, exist_ok=True)
    words = _HERE / "words" / f"{name}.dict"
    given = [f"-artifact_prefix={_FOUND}/{name}-", *([f"-dict={words}"] if words.is_file() else [])]
    atheris.Setup([sys.argv[0], *given, *options, str(found), str(seeds)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
