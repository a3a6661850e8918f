"""`python -m training [PART …]`: rebuild the artefacts, all or some."""

from __future__ import annotations

import importlib
import sys

PARTS = (
    *("han", "seen", "background", "polarity", "unseen", "clause", "english", "near", "emotion"),
    *(
        "cars",
        "opinions",
        "words",
        "names",
        "terms",
        "spans",
        "pairing",
        "meaning",
        "talk",
        "manifest",
    ),
)


def main(parts: list[str]) -> None:
    for part in parts or PARTS:
        importlib.import_module(f"training.{part}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
