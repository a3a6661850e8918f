"""How a survey's cases ended where that was counted elsewhere: by phone, on paper, in a panel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.kit.problems import FieldProblem, Problem
from manyi.stats.survey.outcomes import kind_of
from manyi.surveys.models import Disposition, Survey

MOST = 200
_MOST_CASES = 1_000_000_000
_COUNT = re.compile(r"[0-9]{1,10}")


def dispositions(survey: Survey) -> dict[str, int]:
    """Return how many cases came to each end, by AAPOR's code."""
    return dict(survey.dispositions.values_list("code", "n"))


def replace_dispositions(
    *, by: Member, survey: Survey, rows: Iterable[Mapping[str, Any]], now: datetime
) -> dict[str, int]:
    """Store rows of code and n in place of all there were; a code given twice adds up.

    Raises Problem that names each row with no final disposition, or no count.
    """
    require(by, "survey.edit", survey.unit)
    counts = _read(list(rows))
    with transaction.atomic():
        if counts != dispositions(survey):
            survey.dispositions.all().delete()
            Disposition.objects.bulk_create(
                Disposition(survey=survey, code=code, n=n) for code, n in counts.items()
            )
            _record(by, survey, counts, now)
    return counts


def keep_eligibility(*, by: Member, survey: Survey, e: float | None, now: datetime) -> None:
    """Store the share of unknown cases taken as eligible; None is as among the known cases.

    Raises Problem for what is no share.
    """
    require(by, "survey.edit", survey.unit)
    if e is not None and not 0 <= e <= 1:
        params = {"value": f"{e:g}"[:20], "low": 0, "high": 1}
        raise Problem(
            "disposition.invalid", errors=(FieldProblem("/e", "analysis.number_range", params),)
        )
    if e == survey.eligible_share:
        return
    before, survey.eligible_share = survey.eligible_share, e
    with transaction.atomic():
        survey.save(update_fields=["eligible_share"])
        audit.record(
            survey.organisation_id,
            actor=by,
            action="survey.eligibility",
            target=f"survey:{survey.code}",
            detail={"before": before, "after": e},
            now=now,
        )


def _read(rows: list[Mapping[str, Any]]) -> dict[str, int]:
    if len(rows) > MOST:
        _refuse([FieldProblem("/dispositions", "disposition.many", {"limit": MOST})])
    errors: list[FieldProblem] = []
    counts: dict[str, int] = {}
    for at, row in enumerate(rows):
        code, n = str(row.get("code", "")).strip(), _whole(row.get("n"))
        if kind_of(code) is None:
            wrong = {"value": code[:20], "line": at + 1}
            errors.append(FieldProblem(f"/dispositions/{at}/code", "disposition.code", wrong))
        elif n is None:
            wrong = {"value": str(row.get("n"))[:20], "line": at + 1}
            errors.append(FieldProblem(f"/dispositions/{at}/n", "disposition.count", wrong))
        else:
            counts[code] = counts.get(code, 0) + n
    errors += [
        FieldProblem("/dispositions", "disposition.count", {"value": str(n), "line": 1})
        for n in counts.values()
        if n > _MOST_CASES
    ]
    if errors:
        _refuse(errors)
    return dict(sorted(counts.items()))


def _whole(given: Any) -> int | None:
    """Return a count, as spreadsheets write it too; None for what is none."""
    if isinstance(given, bool):
        return None
    text = str(given).strip().removesuffix(".0").replace(",", "")
    return int(text) if _COUNT.fullmatch(text) and text.isascii() else None


def _refuse(errors: list[FieldProblem]) -> None:
    raise Problem("disposition.invalid", errors=tuple(errors[:50]))


def _record(by: Member, survey: Survey, counts: Mapping[str, int], now: datetime) -> None:
    audit.record(
        survey.organisation_id,
        actor=by,
        action="survey.dispositions",
        target=f"survey:{survey.code}",
        detail={"cases": sum(counts.values())},
        now=now,
    )
