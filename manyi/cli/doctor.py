"""`manyi doctor`: how the installation stands, a line each, with what to do."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime

from manyi.cli.main import language
from manyi.kit.say import say
from manyi.upkeep.doctor import BAD, GOOD, NOTE, examine

MARKS = {GOOD: "✓", NOTE: "!", BAD: "✗"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="JSON on stdout")


def run(args: argparse.Namespace) -> int:
    found = []
    for one in examine(now=datetime.now(UTC)):
        sentence = say(one.code, language(), one.params)
        found.append({**asdict(one), "sentence": sentence})
        if not args.json:
            print(f"{MARKS[one.state]} {one.check:11}{sentence}")
    is_bad = any(one["state"] == BAD for one in found)
    if args.json:
        print(json.dumps({"ok": not is_bad, "checks": found}, ensure_ascii=False, indent=2))
    return 1 if is_bad else 0
