"""`manyi verify-audit`: whether the audit chain holds, to its last entry."""

from __future__ import annotations

import argparse
from pathlib import Path

from manyi.accounts import audit
from manyi.accounts.models import AuditEntry, Organisation
from manyi.cli.main import language
from manyi.kit.problems import Problem
from manyi.kit.say import say
from manyi.upkeep import audited


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--organisation", metavar="CODE", help="count its entries alone")
    parser.add_argument(
        "--expect", metavar="HASH", help="the hash of an entry that has to be there"
    )
    parser.add_argument("--against", type=Path, metavar="BACKUP", help="a backup made earlier")


def run(args: argparse.Namespace) -> int:
    """Walk the chain, then look for the entries that were its last ones once."""
    verdict = audit.verify(_organisation(args.organisation))
    if not verdict.ok:
        raise Problem("audit.broken", number=verdict.first_bad_number)
    if args.expect and not AuditEntry.objects.filter(hash=args.expect.strip().lower()).exists():
        raise Problem("audit.hash_missing", hash=args.expect[:64])
    known = audited.of_backup(args.against) if args.against else None
    lost = known if known is not None and not audit.holds(known) else audited.missing()
    if lost is not None:
        raise Problem("audit.cut", number=lost.number)
    last = audit.head()
    told = {"n": verdict.checked, "number": last.number, "hash": last.hash or "-"}
    print(say("audit.holds", language(), told))
    return 0


def _organisation(code: str | None) -> Organisation | None:
    if code is None:
        return None
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise Problem("cli.no_organisation", value=code)
    return found
