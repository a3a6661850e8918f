"""How do answers spread: diverging bars, the NPS strip, columns, histogram, funnel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from manyi.charts.chart import Chart, Measured, Option, Table
from manyi.charts.figures import FEW, count, ends, figure, full, interval, judged
from manyi.charts.parts import (
    ROW,
    frame,
    label_axis,
    name_axis,
    narrow_names,
    room_for,
    tip,
    upright,
    value_axis,
)
from manyi.kit.say import say

RAMP = ("@low1", "@low2", "@neutral", "@high1", "@high2")
_STRONG = frozenset({"@low1", "@high2"})
_ROOM_FOR_WORDS = 7.0
"""A segment narrower than this many per cent carries no label."""
_MOST_LABELLED = 7


def ramp(index: float) -> str:
    """Return the colour of an answer whose index is 0 (worst) to 100 (best)."""
    if index in (0.0, 100.0):
        return RAMP[0] if index == 0.0 else RAMP[-1]
    if abs(index - 50) < 1e-9:
        return RAMP[2]
    return RAMP[0 if index <= 20 else 1 if index < 50 else 3 if index < 80 else 4]


def on(colour: str) -> str:
    """Return the colour of words on a segment."""
    return "@paper" if colour in _STRONG else "@ink"


@dataclass(frozen=True)
class Likert:
    """One item: its name and how many gave each answer, worst answer first."""

    name: str
    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        return sum(self.counts)

    def shares(self) -> list[float]:
        return [c / self.n * 100 if self.n else 0.0 for c in self.counts]


def likert(rows: Sequence[Likert], *, answers: Sequence[str], language: str) -> Chart:
    """Draw stacked bars that share one middle: dissatisfied to the left, satisfied right.

    `answers` are the words of the scale, worst first. The middle answer straddles the middle.
    """
    lefts = [_left(row.shares()) for row in rows]
    most = max(lefts, default=0.0)
    option = frame(top=40, right=16)
    option["legend"] = _legend(answers)
    rights = [sum(row.shares()) - left for row, left in zip(rows, lefts, strict=True)]
    option["xAxis"] = {
        "type": "value",
        "show": False,
        "min": 0,
        "max": most + max(rights, default=1),
    }
    option["yAxis"] = name_axis([row.name for row in rows])
    option["series"] = [
        _spacer([most - left for left in lefts]),
        *(_segment(rows, i, answers) for i in range(len(answers))),
    ]
    option["series"][-1]["markLine"] = _middle(most)
    option["media"] = [*narrow_names(row.name for row in rows), _two_lines()]
    return Chart(
        option=option,
        label=_likert_finding(rows, answers, language),
        table=_likert_table(rows, answers, language),
        height=80 + ROW * max(len(rows), 1),
    )


def _left(shares: Sequence[float]) -> float:
    half = len(shares) // 2
    return sum(shares[:half]) + (shares[half] / 2 if len(shares) % 2 else 0.0)


def _legend(answers: Sequence[str]) -> Option:
    return {
        "top": 0,
        "left": 0,
        "selectedMode": False,
        "itemWidth": 12,
        "itemHeight": 12,
        "textStyle": {"color": "@ink"},
        "data": [str(a) for a in answers],
    }


def _two_lines() -> Option:
    """On a phone the words of the scale need a second line."""
    return {"query": {"maxWidth": 520}, "option": {"grid": {"top": 60}, "legend": {"itemGap": 8}}}


def _spacer(widths: Sequence[float]) -> Option:
    return {
        "type": "bar",
        "stack": "answers",
        "barWidth": 20,
        "silent": True,
        "itemStyle": {"color": "transparent"},
        "tooltip": {"show": False},
        "data": list(widths),
    }


def _segment(rows: Sequence[Likert], i: int, answers: Sequence[str]) -> Option:
    colour = ramp(i / max(len(answers) - 1, 1) * 100)
    return {
        "type": "bar",
        "name": str(answers[i]),
        "stack": "answers",
        "barWidth": 20,
        "itemStyle": {"color": colour, "borderColor": "@paper", "borderWidth": 0.5},
        "data": [_share(row, i, answers[i], colour) for row in rows],
    }


def _share(row: Likert, i: int, answer: str, colour: str) -> Option:
    share = row.shares()[i]
    words = f"{row.name}\n{answer}: {figure(share, 'share')} · n {count(row.counts[i])}"
    datum: Option = {"value": share, "tooltip": tip(words)}
    if share >= _ROOM_FOR_WORDS:
        datum["label"] = {
            "show": True,
            "formatter": f"{share:.0f}%",
            "color": on(colour),
            "fontSize": 11,
        }
    return datum


def _middle(where: float) -> Option:
    return {
        "silent": True,
        "symbol": "none",
        "animation": False,
        "z": 1,  # behind the bars, so that it strikes through no number
        "label": {"show": False},
        "lineStyle": {"color": "@ink", "type": "solid", "width": 1},
        "data": [{"xAxis": where}],
    }


def _likert_finding(rows: Sequence[Likert], answers: Sequence[str], language: str) -> str:
    known = [row for row in rows if row.n]
    if not known:
        return say("chart.nothing", language)
    half = len(answers) // 2
    ranked = sorted(known, key=lambda row: sum(row.shares()[-half:]))
    words = {
        "n": count(len(known)),
        "best": ranked[-1].name,
        "best_share": figure(sum(ranked[-1].shares()[-half:]), "share"),
        "best_n": count(ranked[-1].n),
        "worst": ranked[0].name,
        "worst_share": figure(sum(ranked[0].shares()[-half:]), "share"),
        "worst_n": count(ranked[0].n),
    }
    return say("chart.likert_one" if len(known) == 1 else "chart.likert", language, words)


def _likert_table(rows: Sequence[Likert], answers: Sequence[str], language: str) -> Table:
    return Table(
        columns=(say("chart.col_name", language), *map(str, answers), say("chart.col_n", language)),
        rows=tuple(
            (row.name, *(figure(s, "share") for s in row.shares()), count(row.n)) for row in rows
        ),
    )


NPS_COLOURS = (*[RAMP[0]] * 7, *[RAMP[2]] * 2, *[RAMP[4]] * 2)
"""The colours of the answers 0 to 10: detractors, passives, promoters."""


def nps_strip(
    detractors: int, passives: int, promoters: int, *, score: Measured, language: str
) -> Chart:
    """Draw one strip of detractors, passives and promoters that together make 100 %."""
    parts = Likert("NPS", (detractors, passives, promoters))
    names = [say(f"chart.{code}", language) for code in ("detractors", "passives", "promoters")]
    option = frame(top=34, right=16)
    option["legend"] = _legend(names)
    option["xAxis"] = {"type": "value", "show": False, "min": 0, "max": 100}
    option["yAxis"] = {**name_axis([""]), "show": False}
    option["series"] = [_segment([parts], i, names) for i in range(3)]
    for series in option["series"]:
        series["barWidth"] = 30
    option["media"] = [_two_lines()]
    words = {
        "score": full(score, "points", language),
        "shares": say("chart.comma", language).join(
            f"{name} {figure(share, 'share')}"
            for name, share in zip(names, parts.shares(), strict=True)
        ),
    }
    return Chart(
        option=option,
        label=say("chart.nps", language, words),
        table=count_table(names, parts.counts, language),
        height=104,
    )


def distribution(
    answers: Sequence[str],
    counts: Sequence[int],
    *,
    shares: Sequence[Measured] | None = None,
    colours: Sequence[str] | None = None,
    language: str,
    few: int = FEW,
) -> Chart:
    """Draw one column an answer, worst first, with whiskers where `shares` gives intervals.

    `colours` takes the place of the ramp, as the three kinds of NPS answers need.
    """
    paint = colours or [ramp(i / max(len(counts) - 1, 1) * 100) for i in range(len(counts))]
    row = Likert("", tuple(counts))
    option = frame(top=24)
    whisk = [e if judged(e, few) else None for e in shares or ()]
    reach = [*row.shares(), *(ends(e)[2] for e in whisk if e is not None)]
    option["xAxis"] = label_axis([str(a) for a in answers])
    option["yAxis"] = value_axis(0.0, max(reach, default=1.0) or 1.0, "share")
    columns = [column(row, i, str(a), paint[i]) for i, a in enumerate(answers)]
    option["series"] = [{"type": "bar", "barMaxWidth": 56, "data": columns}]
    if any(e is not None for e in whisk):
        spans = ((ends(e)[1], ends(e)[2], i) for i, e in enumerate(whisk) if e is not None)
        option["series"].append(upright(spans, colour="@muted"))
    return Chart(
        option=option,
        label=spread_finding(answers, row, language),
        table=count_table(answers, counts, language, shares),
        height=220,
    )


def column(row: Likert, i: int, answer: str, colour: str) -> Option:
    share = row.shares()[i]
    return {
        "value": share,
        "itemStyle": {"color": colour},
        "tooltip": tip(f"{answer}: {figure(share, 'share')} · n {count(row.counts[i])}"),
        "label": {
            "show": True,
            "position": "insideBottom",
            "formatter": f"{share:.0f}%",
            "color": on(colour),
        }
        if share >= _ROOM_FOR_WORDS and len(row.counts) <= _MOST_LABELLED
        else {"show": False},
    }


def spread_finding(answers: Sequence[str], row: Likert, language: str) -> str:
    if not row.n:
        return say("chart.nothing", language)
    shares = row.shares()
    top = max(range(len(shares)), key=shares.__getitem__)
    words = {
        "n": count(row.n),
        "answer": answers[top],
        "share": figure(shares[top], "share"),
        "lowest": figure(shares[0], "share"),
        "highest": figure(shares[-1], "share"),
        "low_word": answers[0],
        "high_word": answers[-1],
    }
    return say("chart.spread", language, words)


def count_table(
    names: Sequence[str],
    counts: Sequence[int],
    language: str,
    shares: Sequence[Measured] | None = None,
) -> Table:
    row = Likert("", tuple(counts))
    heads = ["chart.col_answer", "chart.col_share", "chart.col_n"]
    rows = [
        (str(name), figure(share, "share"), count(n))
        for name, share, n in zip(names, row.shares(), counts, strict=True)
    ]
    if shares is not None:
        heads.insert(2, "chart.col_interval")
        rows = [
            (r[0], r[1], interval(*ends(e)[1:], "share") if judged(e, 0) else "", r[2])  # type: ignore[misc]
            for r, e in zip(rows, shares, strict=True)
        ]
    return Table(tuple(say(code, language) for code in heads), tuple(rows))


def histogram(edges: Sequence[float], counts: Sequence[int], *, language: str) -> Chart:
    """Draw how values spread over bins: `edges` has one more than `counts`."""
    names = [f"{a:g}–{b:g}" for a, b in pairwise(edges)]
    row = Likert("", tuple(counts))
    option = frame(top=24)
    option["xAxis"] = label_axis(names)
    option["yAxis"] = value_axis(0.0, max(row.shares(), default=1.0) or 1.0, "share")
    bins = (column(row, i, name, "@high1") for i, name in enumerate(names))
    data = [{**datum, "label": {"show": False}} for datum in bins]
    option["series"] = [{"type": "bar", "barWidth": "94%", "barMaxWidth": 400, "data": data}]
    return Chart(
        option=option,
        label=spread_finding(names, row, language),
        table=count_table(names, counts, language),
        height=220,
    )


def funnel(steps: Sequence[tuple[str, int]], *, language: str) -> Chart:
    """Draw how many reach each step as aligned bars, in per cent of the first step."""
    first = steps[0][1] if steps else 0
    shares = [n / first * 100 if first else 0.0 for _, n in steps]
    told = [f"{share:.0f}% · {count(n)}" for (_, n), share in zip(steps, shares, strict=True)]
    option = frame(right=room_for(told))
    # No step holds more than the first, so the axis ends there and the words stand beside it.
    option["xAxis"] = {"type": "value", "show": False, "min": 0, "max": 100}
    option["yAxis"] = name_axis([name for name, _ in steps])
    data = [
        {
            "value": share,
            "tooltip": tip(f"{name}: {figure(share, 'share')} · n {count(n)}"),
            "label": {
                "show": True,
                "position": "right",
                "formatter": words,
                "color": "@ink",
            },
        }
        for (name, n), share, words in zip(steps, shares, told, strict=True)
    ]
    option["series"] = [
        {"type": "bar", "barWidth": 18, "itemStyle": {"color": "@high1"}, "data": data}
    ]
    option["media"] = narrow_names(name for name, _ in steps)
    heads = ("chart.col_step", "chart.col_share", "chart.col_n")
    return Chart(
        option=option,
        label=_funnel_finding(steps, language),
        table=Table(
            tuple(say(code, language) for code in heads),
            tuple(
                (name, figure(share, "share"), count(n))
                for (name, n), share in zip(steps, shares, strict=True)
            ),
        ),
        height=24 + ROW * max(len(steps), 1),
    )


def _funnel_finding(steps: Sequence[tuple[str, int]], language: str) -> str:
    if len(steps) < 2 or not steps[0][1]:
        return say("chart.nothing", language)
    lost = [(a[1] - b[1], a[0], b[0]) for a, b in pairwise(steps)]
    most = max(lost)
    words = {
        "first": count(steps[0][1]),
        "last": count(steps[-1][1]),
        "share": figure(steps[-1][1] / steps[0][1] * 100, "share"),
        "lost": count(most[0]),
        "from": most[1],
        "to": most[2],
    }
    return say("chart.funnel", language, words)
