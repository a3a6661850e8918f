"""Reads the texts that the models are trained on and measured with; none of them is shipped.

A row is held out for development by the hash of its folded text, so that the same text never
stands on both sides, whichever file it comes from.
"""

from __future__ import annotations

import ast
import csv
import gzip
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARE_HELD_OUT = 0.1
POLARITY = {"negative": -1, "neutral": 0, "positive": 1}
_SHORT = {"neg": -1, "neu": 0, "pos": 1}
ZH_ASPECT_SETS = ("phone", "camera", "car", "notebook", "mooc", "shampoo")
EN_ASPECT_SETS = ("restaurant14", "laptop14", "restaurant16")


@dataclass(frozen=True)
class Labelled:
    """A text, its label, and the set it comes from."""

    text: str
    label: str
    source: str


@dataclass(frozen=True)
class Triplet:
    """Aspect and opinion as (start, end) in the text, end exclusive; None is implicit."""

    aspect: tuple[int, int] | None
    opinion: tuple[int, int] | None
    polarity: int


def folder() -> Path:
    """Return the folder of the data, which SHARED_DIR names."""
    root = os.environ.get("SHARED_DIR") or Path(__file__).parents[2].parent / "shared"
    return Path(root) / "data"


def held_out(text: str, share: float = SHARE_HELD_OUT) -> bool:
    """Say whether this text is kept away from training."""
    plain = re.sub(r"\W+", "", text.lower())[:60]
    return int(hashlib.sha256(plain.encode()).hexdigest()[:8], 16) < share * 2**32


def _open(name: str) -> io.TextIOWrapper:
    return gzip.open(folder() / name, "rt", encoding="utf-8-sig", newline="")


def _rows(name: str) -> list[dict[str, str]]:
    with _open(name) as lines:
        return list(csv.DictReader(lines))


def polarity(part: str) -> list[Labelled]:
    """Return whole reviews labelled positive or negative; part is train or dev."""
    sets = (
        ("chnsenticorp", "chnsenticorp_train.csv.gz", "text"),
        ("hotel", "hotel_htl_train.csv.gz", "review"),
        ("waimai", "waimai_train.csv.gz", "review"),
        ("shopping", "shopping_train.csv.gz", "review"),
    )
    found = []
    for source, name, column in sets:
        for row in _rows(name):
            text = row[column].lstrip("\ufeff").strip()
            label = "positive" if row["label"] == "1" else "negative"
            if text and held_out(text) == (part == "dev"):
                found.append(Labelled(text, label, _source(source, row)))
    if part == "dev":
        found += _official_dev({f.text[:40] for f in polarity("train")})
    return found


def _source(source: str, row: dict[str, str]) -> str:
    return f"shopping/{row['cat']}" if "cat" in row else source


def _official_dev(known: set[str]) -> list[Labelled]:
    rows = _rows("chnsenticorp_val.csv.gz")
    return [
        Labelled(r["text"], "positive" if r["label"] == "1" else "negative", "chnsenticorp_val")
        for r in rows
        if r["text"][:40] not in known
    ]


def emotion(part: str) -> list[Labelled]:
    """Return posts labelled with one of six emotions."""
    sets = {
        "virus": ("smp2020_virus_train.csv.gz", "smp2020_virus_eval_labeled.csv.gz"),
        "usual": ("smp2020_usual_eval_labeled.csv.gz",),
    }
    return [
        Labelled(row["content"], row["label"], source)
        for source, names in sets.items()
        for name in names
        for row in _rows(name)
        if held_out(row["content"], 0.2) == (part == "dev")
    ]


def cars(part: str) -> list[tuple[str, dict[str, int]]]:
    """Return posts about cars with the aspects said and the polarity of each (BDCI 2018)."""
    found: dict[str, dict[str, int]] = {}
    for row in _rows("bdci_car_train.csv.gz"):
        if held_out(row["content"], 0.15) == (part == "dev"):
            found.setdefault(row["content"], {})[row["subject"]] = int(row["sentiment_value"])
    return list(found.items())


def aspects(name: str, part: str) -> list[tuple[str, tuple[int, int], int]]:
    """Return sentences with the place of one aspect term and its polarity."""
    stem = f"zh_{name}" if name in ZH_ASPECT_SETS else name
    with _open(f"apc_{stem}_train.txt.gz") as file:
        lines = [line.strip() for line in file if line.strip()]
    found = []
    for sentence, term, label in zip(lines[::3], lines[1::3], lines[2::3], strict=False):
        text, span = _with_term(sentence, term, spaced=name in EN_ASPECT_SETS)
        if held_out(text, 0.15) == (part == "dev") and label.lower() in POLARITY:
            found.append((text, span, POLARITY[label.lower()]))
    return found


def _with_term(sentence: str, term: str, *, spaced: bool) -> tuple[str, tuple[int, int]]:
    before, _, after = sentence.partition("$T$")
    if not spaced:
        before, term, after = (_unspaced(x) for x in (before, term, after))
    return before + term + after, (len(before), len(before) + len(term))


def _unspaced(text: str) -> str:
    return re.sub(r"(?<![A-Za-z]) | (?![A-Za-z])", "", text)


def triplets(part: str) -> Iterator[tuple[str, list[Triplet]]]:
    """Yield restaurant sentences with aspect, opinion and polarity."""
    with _open(f"zhang_aste_{part}.txt.gz") as lines:
        for line in lines:
            sentence, _, labels = line.strip().lstrip("\ufeff").partition("####")
            pieces = sentence.split(" ")
            starts = [sum(len(p) for p in pieces[:i]) for i in range(len(pieces) + 1)]
            found = [
                Triplet(_place(a, starts), _place(o, starts), _SHORT[p.lower()[:3]])
                for a, o, p in ast.literal_eval(labels)
            ]
            yield "".join(pieces), found


def _place(span: tuple[int, int], starts: list[int]) -> tuple[int, int] | None:
    first, last = span
    if first < 0 or last + 1 >= len(starts):
        return None
    return starts[first], starts[last + 1]


def entities(part: str) -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Return news sentences with the places of names, addresses and other entities."""
    with _open("cluener_train.json.gz") as file:
        found = [_entities(row) for row in _json_rows(file.read())]
    return [f for f in found if held_out(f[0], 0.15) == (part == "dev")]


def _json_rows(text: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        row, at = decoder.raw_decode(text, at)
        rows += row if isinstance(row, list) else [row]
        while at < len(text) and text[at] in " \r\n,":
            at += 1
    return rows


def _entities(row: dict[str, Any]) -> tuple[str, list[tuple[int, int, str]]]:
    spans = [
        (first, last + 1, kind)
        for kind, names in row.get("label", {}).items()
        for places in names.values()
        for first, last in places
    ]
    return row["text"], spans


def dialogues() -> list[str]:
    """Return what users said to English assistants, without labels."""
    found = []
    for name in ("uss_SGD_train.txt.gz", "uss_MWOZ_train.txt.gz"):
        with _open(name) as lines:
            cells = (line.split("\t") for line in lines)
            found += [c[1] for c in cells if len(c) > 1 and c[0] == "USER" and c[1] != "OVERALL"]
    return found


# What ASAP (Meituan) calls its aspects, and what they are here.
ASAP = {
    **{"Location#Transportation": "location.transport", "Location#Downtown": "location.centre"},
    **{"Location#Easy_to_find": "location.find", "Service#Queue": "service.queue"},
    **{"Service#Hospitality": "service.attitude", "Service#Parking": "service.parking"},
    **{"Service#Timely": "service.speed", "Price#Level": "price.level"},
    **{"Price#Cost_effective": "price.value", "Price#Discount": "price.discount"},
    **{"Ambience#Decoration": "environment.decoration", "Ambience#Noise": "environment.noise"},
    **{"Ambience#Space": "environment.space", "Ambience#Sanitary": "environment.clean"},
    **{"Food#Portion": "food.portion", "Food#Taste": "food.taste"},
    **{"Food#Appearance": "food.look", "Food#Recommend": "food.recommend"},
}


@dataclass(frozen=True)
class Starred:
    """A review with its stars and the sense of each aspect it speaks of."""

    text: str
    star: float
    aspects: dict[str, int]


def asap_file() -> Path:
    """Return where rows of ASAP are looked for; they are measured with, never learnt from."""
    return folder() / "asap.csv.gz"


def asap() -> list[Starred]:
    """Return the reviews of `asap_file`, in the columns of their authors (-2: not spoken of)."""
    found = []
    for row in _rows(asap_file().name):
        senses = {code: int(float(row[name])) for name, code in ASAP.items()}
        aspects = {code: sense for code, sense in senses.items() if sense > -2}
        found.append(Starred(row["review"], float(row["star"]), aspects))
    return found
