"""`manyi setup`: the first owner, without a browser."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from manyi.accounts.actions import set_up, setup_code
from manyi.cli.serve import prepare_database


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--organisation", required=True)
    parser.add_argument("--email", required=True)
    parser.add_argument("--password-file", required=True, type=Path)
    parser.add_argument("--language", choices=["zh-Hans", "en"], default="zh-Hans")
    parser.add_argument("--time-zone", default="Asia/Shanghai")


def run(args: argparse.Namespace) -> int:
    prepare_database()
    password = args.password_file.read_text().strip()
    member = set_up(
        code=setup_code(),
        organisation=args.organisation,
        email=args.email,
        password=password,
        language=args.language,
        time_zone=args.time_zone,
        now=datetime.now(UTC),
    )
    print(f"{args.email} owns {member.organisation.code}.")
    return 0
