"""`manyi analyze`: no server, no database, a file in, a report out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from manyi.kit.problems import Problem
from manyi.study.answer import answer
from manyi.study.columns import Asked, parse_scale
from manyi.study.findings import Study, study
from manyi.study.page import page
from manyi.study.sheet import read

SEED = 20_261_101


@dataclass(frozen=True)
class StudyResult:
    """What was written: the file, the one-line answer, and the rows read and used."""

    out: Path
    answer: str
    rows: int
    used: int
    found: Study


def analyze(
    path: Path | str,
    *,
    text: Sequence[str] = (),
    score: Sequence[str] = (),
    scale: str | None = None,
    by: Sequence[str] = (),
    industry: str | None = None,
    language: str = "zh-Hans",
    out: Path | str,
    title: str | None = None,
    now: datetime,
) -> StudyResult:
    """Read the file at `path`, write its report to `out`, and say in one line what it shows.

    What is not named is guessed, the trade (`industry`) too. The same file gives the same
    report, but for its date.
    Raises Problem("study.…") and Problem("file.…") for what a person can put right.
    """
    ends = parse_scale(scale) if scale is not None else None
    sheet = read(Path(path), Asked(tuple(text), tuple(score), tuple(by), ends))
    found = study(sheet, rng=np.random.default_rng(SEED), industry=industry)
    html = page(found, language=language, heading=title, seed=SEED, now=now)
    _write(Path(out), html)
    return StudyResult(Path(out), answer(found, language)[0], sheet.n, sheet.used, found)


def _write(out: Path, html: str) -> None:
    try:
        out.write_text(html, "utf-8")
    except OSError as error:
        raise Problem("study.cannot_write", path=str(out)) from error
