"""`python -m training.accurate train FOLDER --pieces N …`, then `… export FOLDER VERSION`."""

from __future__ import annotations

import argparse
from pathlib import Path

from manyi.text.store import TIER_B
from training.accurate.train import Plan, Trainer
from training.artefact import describe


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m training.accurate")
    tasks = parser.add_subparsers(dest="task", required=True)
    train = tasks.add_parser("train")
    train.add_argument("folder", type=Path)
    train.add_argument("--pieces", type=int, required=True)
    train.add_argument("--fade", type=int, default=0)
    train.add_argument("--layers", type=int, nargs="+", default=list(Plan.layers))
    train.add_argument("--rate", type=float, default=Plan.rate)
    train.add_argument("--drop", type=float, default=Plan.drop)
    train.add_argument("--batch", type=int, default=Plan.batch)
    train.add_argument("--device", default=Plan.device)
    train.add_argument("--head-rate", type=float, default=Plan.head_rate)
    train.add_argument("--from-shipped", action="store_true", help="go on from the artefact")
    train.add_argument("--from-state", default=Plan.from_state, help="the same, not yet rounded")
    train.add_argument("--hide", type=float, default=Plan.hide)
    train.add_argument("--smooth", type=float, default=Plan.smooth)
    train.add_argument("--average", type=float, default=Plan.average)
    export = tasks.add_parser("export")
    export.add_argument("folder", type=Path)
    export.add_argument("version")
    export.add_argument("--by-default", action="store_true", help="answers where none is asked for")
    given = vars(parser.parse_args())
    folder = given.pop("folder")
    if given.pop("task") == "export":
        _export(folder, given["version"], by_default=given["by_default"])
        return
    given["layers"] = tuple(given["layers"])
    Trainer(folder, Plan(**given)).run()


def _export(folder: Path, version: str, *, by_default: bool) -> None:
    from training.accurate.decide import decide
    from training.accurate.export import export

    export(folder)
    describe(TIER_B, version="0.0.0", by_default=False)
    decide(folder, version, by_default=by_default)


if __name__ == "__main__":
    main()
