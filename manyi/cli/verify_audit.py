"""`manyi verify-audit`: whether the audit chain holds."""

from __future__ import annotations

import argparse
import sys

from manyi.accounts import audit


def arguments(parser: argparse.ArgumentParser) -> None:
    """This command takes none."""


def run(args: argparse.Namespace) -> int:
    verdict = audit.verify()
    if verdict.ok:
        print(f"The audit chain holds: {verdict.checked} entries.")
        return 0
    print(f"The audit chain breaks at entry {verdict.first_bad_number}.", file=sys.stderr)
    return 1
