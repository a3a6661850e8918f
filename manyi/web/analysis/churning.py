"""Who will leave, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from manyi.charts.figures import figure, interval, number
from manyi.charts.forecast import calibrated, gained
from manyi.kit.selection import Selection
from manyi.reports.analysis import churn
from manyi.reports.analysis.churn import Churn, Wanted
from manyi.reports.dashboards import attempt
from manyi.stats.churn.model import ChurnModel
from manyi.stats.result import Estimate
from manyi.tabular.writing import Column
from manyi.web.analysis import treed
from manyi.web.analysis.choosing import Chosen, one_of, options, picked, required, title_of
from manyi.web.analysis.framed import framed
from manyi.web.context import language

WORTHS = (2, 3, 5, 10, 20, 50, 100)


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page of who will leave."""
    chosen = Chosen(request, selection)
    survey = required(chosen)
    wanted = asked(request, survey)
    today = timezone.localdate()
    part = attempt(lambda: churn.churn(survey, chosen.selection, wanted, today=today))
    told = part.value
    model = told.found if told else None
    page = framed(request, "analysis-churn", chosen, selection) | _form(told, survey)
    return page | {
        "failed": part.failed,
        "told": told,
        "problem": told.problem if told else None,
        "answer": _answer(told) if told and model else "",
        "loyalty": _loyalty(told) if told and model else "",
        "auc": _pairs(model.auc) if model else None,
        "auc_gain": _pairs(model.auc_gain) if model else None,
        "verdicts": _verdicts(model) if model else [],
        "auc_satisfaction": _pairs(model.auc_satisfaction) if model else None,
        "calibrated": calibrated([(b.told, b.seen) for b in model.curve], language=language())
        if model
        else None,
        "gained": gained([(100 * g.share, g.caught) for g in model.gains], language=language())
        if model
        else None,
        "gains": [
            {"share": figure(100 * g.share, "share"), "caught": g.caught, "lift": g.lift}
            for g in (model.gains if model else ())
        ],
        "line_said": _line(told) if told and model else "",
        "rows": [treed.row(one) for one in told.movers] if told else [],
        "shapes": _shapes(told) if told else [],
        "falling": wanted.falling,
    }


def asked(request: Any, survey: Any) -> Wanted:
    """Return what the address asks for; words that are no numbers ask for nothing."""
    given = request.GET
    return Wanted(
        given.get("outcome", ""),
        given.get("value", ""),
        _whole(given["days"], churn.USUAL[0]) if given.get("days") else None,
        tuple(picked(request, "item", churn.usable(survey))),
        one_of(request, "satisfaction", churn.usable(survey)),
        given.get("falling", "1") != "0",
        _whole(given.get("worth"), 10),
    )


def _whole(text: str | None, usual: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 6 else usual


def _form(told: Churn | None, survey: Any) -> dict[str, Any]:
    if told is None:
        return {}
    ratings = [one for one in churn.usable(survey) if one.is_scored]
    outcome = told.outcome
    return {
        "outcomes": [
            {"code": one.name, "title": one.name, "chosen": one == outcome} for one in told.outcomes
        ],
        "values": outcome.values if outcome else (),
        "is_dated": outcome is not None and outcome.kind == "date",
        "horizons": sorted({*churn.HORIZONS, told.days}),
        "worths": sorted({*WORTHS, told.worth}),
        "ratings": options(ratings, {told.satisfaction.code}),
        "items": options(churn.usable(survey), {one.code for one in told.items}),
        "satisfaction_title": title_of(told.satisfaction),
    }


def _pairs(area: Estimate) -> Estimate:
    """Return an area under the curve as pairs told right of a hundred."""
    value, low, high = (100 * (one or 0.0) for one in (area.value, area.low, area.high))
    return replace(area, value=value, low=low, high=high)


def _verdicts(model: ChurnModel) -> list[tuple[str, Estimate, str]]:
    """Return how true the forecasts are: what it is called, the figure, and what to hold it to."""
    of = model.calibration
    return [
        (_("Calibration slope"), of.slope, _("1 is perfect; below 1 forecasts are too bold")),
        (_("Brier score"), of.brier, _("mean squared error; 0 is perfect")),
        (
            _("Brier score, scaled"),
            of.brier_scaled,
            _("1 is perfect, 0 no better than the share that left"),
        ),
        (
            _("Mean gap of like forecasts"),
            of.ece,
            _("0 is perfect; chance makes small gaps too, which the interval allows for"),
        ),
    ]


def _ends(one: Estimate, kind: Any) -> str:
    return interval(one.low or 0.0, one.high or 0.0, kind)


def _answer(told: Churn) -> str:
    assert told.found is not None
    pairs = _pairs(told.found.auc)
    said = {
        "pairs": number(pairs.value or 0.0, "index"),
        "ends": _ends(pairs, "index"),
        "n": f"{told.found.n:,}",
    }
    if (pairs.low or 0.0) <= 50:
        return _("These answers do not surely tell who leaves (n %(n)s)") % said
    return (
        _(
            "Of a leaver and a stayer the answers tell which is which in %(pairs)s of 100 pairs "
            "(%(ends)s, n %(n)s; 50 is chance)"
        )
        % said
    )


def _loyalty(told: Churn) -> str:
    """Say whether satisfaction alone promises loyalty."""
    assert told.found is not None
    alone = _pairs(told.found.auc_satisfaction)
    said = {
        "name": title_of(told.satisfaction),
        "pairs": number(alone.value or 0.0, "index"),
        "ends": _ends(alone, "index"),
    }
    if (alone.low or 0.0) <= 50:
        return (
            _(
                "“%(name)s” alone does not surely tell who stays: %(pairs)s of 100 pairs "
                "(%(ends)s), where 50 is chance. A high score is no promise of loyalty."
            )
            % said
        )
    return (
        _(
            "“%(name)s” alone tells leavers from stayers in %(pairs)s of 100 pairs (%(ends)s), "
            "where 50 is chance: satisfied customers leave too, so watch what they do beside what "
            "they say."
        )
        % said
    )


def _line(told: Churn) -> str:
    assert told.found is not None
    line = told.found.line
    said = {
        "worth": told.worth,
        "threshold": figure(100 * line.threshold, "share"),
        "contacted": figure(line.contacted.value or 0.0, "share"),
        "caught": _full(line.caught),
        "right": _full(line.right),
        "benefit": number(line.benefit.value or 0.0, "index"),
        "ends": _ends(line.benefit, "index"),
        "all": number(line.benefit_of_all.value or 0.0, "index"),
    }
    return (
        _(
            "If reaching a leaver is worth %(worth)s contacts, a contact pays from a chance of "
            "%(threshold)s on: that is %(contacted)s of customers. Of them %(right)s leave, and "
            "they are %(caught)s of all who leave. Of 100 customers this saves as much as "
            "%(benefit)s contacts cost (%(ends)s); contacting everybody %(all)s."
        )
        % said
    )


def _full(one: Estimate) -> str:
    if one.value is None:
        return "—"
    said = {"value": figure(one.value, "share"), "ends": _ends(one, "share")}
    return _("%(value)s (%(ends)s)") % said


def _shapes(told: Churn) -> list[dict[str, Any]]:
    return treed.shapes(told.movers, kind="mean")


def columns() -> list[Column]:
    return [
        Column("part", _("Part"), "text"),
        Column("name", _("Name"), "text"),
        Column("value", _("Value"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
        Column("n", _("n"), "integer"),
    ]


def rows(told: Churn | None) -> Iterator[dict[str, Any]]:
    """Yield every number of the page for the download."""
    model = told.found if told else None
    if told is None or model is None:
        return
    line = model.line
    single = (
        (_("Left"), told.left),
        (_("Pairs told right"), _pairs(model.auc)),
        (_("Pairs told right by satisfaction alone"), _pairs(model.auc_satisfaction)),
        (_("Gained by all items"), _pairs(model.auc_gain)),
        (_("Brier score"), model.calibration.brier),
        (_("Brier score, scaled"), model.calibration.brier_scaled),
        (_("Mean gap of like forecasts"), model.calibration.ece),
        (_("Calibration slope"), model.calibration.slope),
        (_("Calibration intercept"), model.calibration.in_the_large),
        (_("Contacted"), line.contacted),
        (_("Leave among those contacted"), line.right),
        (_("Leavers reached"), line.caught),
        (_("Benefit of 100 customers"), line.benefit),
    )
    for name, one in single:
        if one is not None:
            yield _told(_("Verdict"), name, one)
    for bin_ in model.curve:
        yield _told(_("Calibration"), figure(bin_.told, "share"), bin_.seen)
    for gain in model.gains:
        yield _told(_("Leavers among them"), figure(100 * gain.share, "share"), gain.caught)
        yield _told(_("Lift"), figure(100 * gain.share, "share"), gain.lift)
    for mover in told.movers:
        yield _told(_("Moves the log odds by"), title_of(mover.variable), mover.importance)


def _told(part: str, name: str, one: Estimate) -> dict[str, Any]:
    return {
        "part": part,
        "name": name,
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "n": one.n,
    }
