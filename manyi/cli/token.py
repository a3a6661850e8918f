"""`manyi token`: an API token, printed once."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from manyi.accounts.actions import create_token
from manyi.accounts.models import Member
from manyi.kit.problems import NotFound


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--email", required=True, help="e-mail or user name of the member")
    parser.add_argument("--name", default="manyi token")


def run(args: argparse.Namespace) -> int:
    mine = Member.objects.filter(is_active=True).order_by("pk")
    member = (
        mine.filter(user__email__iexact=args.email).first()
        or mine.filter(user__username__iexact=args.email).first()
    )
    if member is None:
        raise NotFound("member_not_found", email=args.email)
    _, secret = create_token(by=member, name=args.name, now=datetime.now(UTC))
    print(secret)
    return 0
