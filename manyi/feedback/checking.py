"""How right the machine is here: findings drawn at random, judged by persons, added up.

A draw is a sample by strata of theme and tone, rare ones more than their share, one finding of
a record; each counts by what its stratum is worth. What is judged teaches as a correction does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import QuerySet

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import may, require, scope
from manyi.feedback import analysing, correcting, taxonomy
from manyi.feedback.models import Check, Correction, FeedbackRecord, Finding, Reading
from manyi.feedback.queries import visible_to
from manyi.feedback.verdicts import hash_of
from manyi.kit.problems import Forbidden, NotFound, Problem
from manyi.stats.intervals import wilson
from manyi.stats.result import Estimate, nothing
from manyi.text.corrected import ASPECT, Verdict

# The newest texts are drawn from, so many of them read: a draw costs the same beside a million.
AMONG, READ, DRAWN = 20_000, 2_000, 60
LEVEL = 0.95
_AT_ONCE = 500
Stratum = tuple[str, int]


@dataclass(frozen=True)
class Accuracy:
    """How right a model is here, in percent: theme and tone, the theme alone, tone given theme."""

    model: str
    n: int
    whole: Estimate
    theme: Estimate
    tone: Estimate
    by_tone: Mapping[int, Estimate]
    by_group: Mapping[str, Estimate]


def may_check(by: Member) -> bool:
    """Whether `by` may judge what is drawn from the whole organisation."""
    seen = scope(by)
    return may(by, "feedback.correct") and seen.unit_ids is None and seen.sees_text


def _checked(by: Member) -> None:
    require(by, "feedback.correct")
    if not may_check(by):
        raise Forbidden("check.whole_only")


def draw(*, by: Member, rng: np.random.Generator, now: datetime, size: int = DRAWN) -> int:
    """Draw findings that nobody has judged yet; return how many. What was left of an earlier
    draw is dropped. Raises Problem("check.nothing")."""
    _checked(by)
    organisation = by.organisation_id
    found = _one_of_each(_findings(by, rng), rng)
    if not found:
        raise Problem("check.nothing")
    worth = _shares(found)
    chosen = _chosen(found, worth, size, rng)
    texts = _texts(found[k].record_id for k in chosen)
    models = _models(organisation, texts)
    with transaction.atomic():
        mine = Check.objects.filter(organisation_id=organisation)
        mine.filter(verdict="").delete()
        last = mine.order_by("-draw").values_list("draw", flat=True).first() or 0
        rows = [
            _row(organisation, last + 1, position, found[k], texts, models, worth, now)
            for position, k in enumerate(chosen)
        ]
        Check.objects.bulk_create(rows)
        detail = {"draw": last + 1, "n": len(rows)}
        audit.record(organisation, actor=by, action="check.draw", detail=detail, now=now)
    return len(rows)


def _row(
    organisation: int,
    number: int,
    position: int,
    one: Finding,
    texts: Mapping[int, str],
    models: Mapping[int, str],
    worth: Mapping[Stratum, float],
    now: datetime,
) -> Check:
    return Check(
        organisation_id=organisation,
        record_id=one.record_id,
        draw=number,
        position=position,
        aspect=one.aspect,
        polarity=one.polarity,
        start=one.start,
        end=one.end,
        text_hash=hash_of(texts[one.record_id]),
        model=models.get(one.record_id, ""),
        share=worth[stratum(one.aspect, one.polarity)],
        drawn_at=now,
    )


def _findings(by: Member, rng: np.random.Generator) -> list[Finding]:
    """Return what the machine found in some of the newest texts, but for what people judged."""
    rows = visible_to(scope(by)).filter(analysed_at__isnull=False).exclude(verbatim="")
    newest = list(rows.order_by("-occurred_at", "-pk").values_list("pk", flat=True)[:AMONG])
    some = sorted(rng.permutation(np.array(newest, np.int64))[:READ].tolist())
    generation = taxonomy.number(by.organisation_id)
    found: list[Finding] = []
    for at in range(0, len(some), _AT_ONCE):
        ids = some[at : at + _AT_ONCE]
        mine = Finding.objects.filter(record_id__in=ids, generation=generation).exclude(aspect="")
        judged = _judged(ids)
        found += [one for one in mine.order_by("pk") if one.record_id not in judged]
    return found


def _judged(ids: Sequence[int]) -> set[int]:
    """Return records of which people said something already: their findings are a person's."""
    said = Correction.objects.filter(record_id__in=ids).values_list("record_id", flat=True)
    seen = Check.objects.filter(record_id__in=ids).exclude(verdict="")
    return {*said, *seen.values_list("record_id", flat=True)}


def _one_of_each(found: Sequence[Finding], rng: np.random.Generator) -> list[Finding]:
    """Return the findings in random order with the first of each record in front.

    One of a record is drawn at most: what is judged then tells of as many people as it counts.
    """
    return [found[int(k)] for k in rng.permutation(len(found))]


def stratum(aspect: str, polarity: int) -> Stratum:
    """Return what a finding is drawn by: the group of its theme, and its tone."""
    return taxonomy.group_of(aspect), polarity


def _shares(found: Sequence[Finding]) -> dict[Stratum, float]:
    counts = Counter(stratum(one.aspect, one.polarity) for one in found)
    return {key: n / len(found) for key, n in counts.items()}


def _chosen(
    found: Sequence[Finding],
    worth: Mapping[Stratum, float],
    size: int,
    rng: np.random.Generator,
) -> list[int]:
    """Return places in `found`: of each stratum as the root of its share, in random order."""
    roots = sum(share**0.5 for share in worth.values())
    wanted = {key: max(1, round(size * share**0.5 / roots)) for key, share in worth.items()}
    taken: dict[Stratum, list[int]] = defaultdict(list)
    records: set[int] = set()
    for k, one in enumerate(found):
        key = stratum(one.aspect, one.polarity)
        if len(taken[key]) < wanted[key] and one.record_id not in records:
            taken[key].append(k)
            records.add(one.record_id)
    places = [k for key in sorted(taken) for k in taken[key]]
    return [places[int(k)] for k in rng.permutation(len(places))]


def _texts(ids: Iterable[int]) -> dict[int, str]:
    return dict(FeedbackRecord.objects.filter(pk__in=list(ids)).values_list("pk", "verbatim"))


def _models(organisation: int, ids: Iterable[int]) -> dict[int, str]:
    mine = Reading.objects.filter(generation=taxonomy.number(organisation), record_id__in=list(ids))
    return dict(mine.values_list("record_id", "model"))


def waiting(by: Member) -> QuerySet[Check]:
    """Return what is drawn and not yet judged."""
    _checked(by)
    mine = Check.objects.filter(organisation_id=by.organisation_id, verdict="", is_skipped=False)
    return mine.order_by("draw", "position")


def following(by: Member) -> Check | None:
    """Return what to judge next, of a text that still says so; None where nothing is left."""
    for one in waiting(by).select_related("record"):
        if hash_of(one.record.verbatim) == one.text_hash:
            return one
    return None


def judge(*, by: Member, check: int, verdict: str, sense: int | None, now: datetime) -> None:
    """Keep what a person says of a finding, as a correction too where it is the only one.

    `verdict` is right, sense (then `sense` is the right tone), aspect (it is not spoken of), or
    "" to pass on. Judged again it stays as it was.
    """
    _checked(by)
    one = waiting(by).select_related("record__unit").filter(pk=check).first()
    if one is None:
        raise NotFound("not_found")
    wrong_sense = verdict == Check.Verdict.SENSE and sense not in {-1, 0, 1} - {one.polarity}
    if verdict not in ("", *Check.Verdict.values) or wrong_sense:
        raise Problem("check.verdict_invalid")
    said = {"right": one.polarity, "sense": sense, "aspect": None}.get(verdict)
    analysing.warm()
    with transaction.atomic():
        mine = Check.objects.filter(pk=one.pk, verdict="", is_skipped=False)
        told: dict[str, Any] = {"verdict": verdict, "is_skipped": verdict == ""}
        if mine.update(**told, by=by, at=now) and verdict and _teaches(one):
            given = Verdict(ASPECT, one.aspect, said)
            correcting.correct(by=by, record=one.record, verdicts=[given], now=now)


def _teaches(one: Check) -> bool:
    """Whether a word on the finding is one on the record: nothing else is said of its theme."""
    generation = taxonomy.number(one.organisation_id)
    same = Finding.objects.filter(record_id=one.record_id, generation=generation, aspect=one.aspect)
    return same.count() == 1


def accuracies(by: Member) -> list[Accuracy]:
    """Return how right each model was that people have judged here, the latest first."""
    _checked(by)
    rows = Check.objects.filter(organisation_id=by.organisation_id).exclude(verdict="")
    by_model: dict[str, list[Check]] = defaultdict(list)
    for one in rows.order_by("-at", "-pk"):
        by_model[one.model].append(one)
    return [_accuracy(model, found) for model, found in by_model.items()]


Weighed = list[tuple[Check, float]]


def _accuracy(model: str, found: Sequence[Check]) -> Accuracy:
    weighed = list(_weighed(found))
    spoken = [(one, w) for one, w in weighed if one.verdict != Check.Verdict.ASPECT]
    groups = sorted({taxonomy.group_of(one.aspect) for one in found})
    by_group = {
        group: _share([p for p in weighed if taxonomy.group_of(p[0].aspect) == group])
        for group in groups
    }
    by_tone = {s: _share([p for p in weighed if p[0].polarity == s]) for s in (-1, 0, 1)}
    theme = _share(weighed, wrong=(Check.Verdict.ASPECT,))
    whole, tone = _share(weighed), _share(spoken)
    return Accuracy(model, len(found), whole, theme, tone, by_tone, by_group)


def _weighed(found: Sequence[Check]) -> Iterator[tuple[Check, float]]:
    """Yield each with what it stands for: its stratum's share, parted among those judged of it;
    a draw counts by how many of it were judged."""
    key = [(one.draw, stratum(one.aspect, one.polarity)) for one in found]
    of_stratum, of_draw = Counter(key), Counter(draw for draw, _ in key)
    told: dict[int, float] = defaultdict(float)
    shares = {at: one.share for at, one in zip(key, found, strict=True)}
    for (number, _), share in shares.items():
        told[number] += share
    for at, one in zip(key, found, strict=True):
        yield one, one.share / told[at[0]] / of_stratum[at] * of_draw[at[0]]


def _share(
    weighed: Weighed, *, wrong: Sequence[str] = (Check.Verdict.ASPECT, Check.Verdict.SENSE)
) -> Estimate:
    """Return the share that is right by Wilson's interval at Kish's effective number."""
    n = len(weighed)
    if not n:
        return nothing(level=LEVEL)
    w = np.array([weight for _, weight in weighed])
    right = np.array([one.verdict not in wrong for one, _ in weighed])
    p = float((w * right).sum() / w.sum())
    effective = float(w.sum() ** 2 / (w**2).sum())
    ends = wilson(p * effective, effective, LEVEL)
    low, high = (100 * end for end in (ends.low, ends.high))
    return Estimate(100 * p, low, high, LEVEL, n, effective, None, "wilson")
