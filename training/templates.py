"""Our own sentences for trades without public texts: property, 12345, hospitals, banks, apps.

They are synthetic, made from subjects and what people say of them, and are marked as such
(source "template") wherever they are used.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

from manyi.text.corpora import Labelled

_FRAMES = ("{s}{p}", "{s}{p}。", "我觉得{s}{p}", "{s}真的{p}", "这次{s}{p}", "{s}总体{p}")


def sentences() -> list[Labelled]:
    """Return every combination of subject and predicate, in two frames each."""
    groups = json.loads(Path(__file__).with_name("templates.json").read_text("utf-8"))
    found: dict[tuple[str, str], None] = {}
    for number, group in enumerate(groups):
        frames = _FRAMES if group["language"] == "zh" else ("the {s} {p}", "{s} {p}.")
        for label in ("positive", "negative", "neutral"):
            pairs = list(product(group["subjects"].split("|"), group.get(label, "").split("|")))
            for at, (subject, predicate) in enumerate(pairs):
                if predicate:
                    for shift in (0, 1):
                        frame = frames[(at + number + shift * 3) % len(frames)]
                        found[frame.format(s=subject, p=predicate), label] = None
    return [Labelled(text, label, "template") for text, label in found]
