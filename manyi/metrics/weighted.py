"""Numbers weighted to the population that a survey's answers stand for.

Weights are made anew for each period, among all answers of the selection; each of its groups
then uses the same ones. They never look beyond what the selection's scope lets be seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from manyi.base.log import logger
from manyi.kit.problems import NotFound, Problem
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.metrics import registry
from manyi.metrics.margins import Frame, Label, balances, frame, levels
from manyi.metrics.measured import Measured, measure
from manyi.metrics.rows import OK, Row
from manyi.metrics.settled import Key, Settled, settle
from manyi.programmes.models import Population
from manyi.programmes.queries import known
from manyi.stats.moments import Moments, empty, merge, merge_all
from manyi.stats.result import Note
from manyi.stats.survey.nonresponse import Balance
from manyi.stats.survey.weighting import design_effect, rake_cells
from manyi.surveys import queries as surveys

log = logger(__name__)
CAP = 5.0
Labelled = dict[Label, Moments]


@dataclass(frozen=True)
class Weights:
    """How the answers of a period were weighted: Kish's design effect over all of them, the
    share of weight cut off in per cent, how evenly people answered along the dimensions known by
    head count (only where nobody answered twice), and the least and the greatest weight of an
    answer (1 is the mean)."""

    starts: date | None
    population: str
    deff: float
    trimmed: float
    balance: Mapping[str, Balance]
    notes: tuple[Note, ...]
    groups: Mapping[Key, Moments] = field(repr=False)
    lightest: float = 1.0
    heaviest: float = 1.0


@dataclass(frozen=True)
class Raked:
    """Rows as `metrics.queries.estimate` gives them, weighted, and the weights behind them."""

    rows: list[Row]
    weights: list[Weights]


def population_of(selection: Selection) -> Population:
    """Return the population that the surveys asked for are weighted to.

    Raises Problem("weighting_no_population") where there is none, or more than one.
    """
    codes = selection.where.get("survey", ())
    try:
        found = [surveys.by_ref(selection.scope, code).population for code in codes]
    except NotFound:
        found = []
    one = found[0] if found else None
    if one is None or not one.is_active or any(other != one for other in found):
        raise Problem("weighting_no_population")
    return one


def raked(
    selection: Selection,
    metric: str,
    item: str | None = None,
    *,
    level: float,
    depth: int | None = None,
) -> Raked:
    """Return the metric weighted to the population of the survey asked for.

    Categories of the population that nobody who answered belongs to are left out, answers of
    no known category keep their weight; both are noted. Raises Problem as
    `metrics.queries.estimate`, and "weighting_no_population".
    """
    population = population_of(selection)
    dimensions = known(population)
    if not dimensions:
        raise Problem("weighting_no_population")
    plain = measure(selection, metric, item, level=level, depth=depth)
    if plain.failed:
        return _failed(plain)
    try:
        weights = _weights(plain, population.code, frame(selection, dimensions), item, depth)
    except Exception:  # a page says "failed" and never "no data"
        organisation = selection.scope.organisation_id
        log.exception("weighting_failed", metric=metric, organisation=organisation)
        return _failed(plain)
    return Raked(_rows(plain, weights), [one for one in weights if _shown(plain, one)])


def _failed(plain: Measured) -> Raked:
    return Raked([replace(plain, failed=True).row(_nobody(plain.selection))], [])


def _nobody(selection: Selection) -> Key:
    return (None,) * (len(selection.by) + 1)


def _shown(plain: Measured, one: Weights) -> bool:
    """Whether a period's weights may be told: nothing is hidden and enough have answered."""
    n = sum(found.count for found in one.groups.values())
    return n >= plain.limits.precision_n and not plain.hidden & one.groups.keys()


def _weights(
    plain: Measured, population: str, known_as: Frame, item: str | None, depth: int | None
) -> list[Weights]:
    settled = _settled_cells(plain, known_as, item)
    periods: dict[date | None, dict[Key, Labelled]] = defaultdict(lambda: defaultdict(dict))
    for key, one in settled.groups.items():
        group, label = _placed(plain.selection, known_as, key, depth)
        mine = periods[group[-1]][group]  # type: ignore[index]
        mine[label] = merge(mine.get(label, empty()), one)
    once = not any(one.clustered for one in plain.settled.groups.values())
    return [
        _weighed(starts, groups, population, known_as, once=once)
        for starts, groups in periods.items()
    ]


def _settled_cells(plain: Measured, known_as: Frame, item: str | None) -> Settled:
    """Return the scores by group and cell on the same scale as those by group."""
    selection = plain.selection
    names = _names(selection, known_as)
    split = selection.split(*names, interval=selection.interval)
    family = registry.family(plain.settled.metric.code)
    found = lake.margin_cells(split, family, item or registry.OVERALL)
    return settle(plain.settled.metric, [((*o.group.values(), o.period), o) for o in found])


def _names(selection: Selection, known_as: Frame) -> list[str]:
    return list(dict.fromkeys((*selection.by, *known_as.dimensions)))


def _placed(
    selection: Selection, known_as: Frame, key: Key, depth: int | None
) -> tuple[Key, Label]:
    """Return the group and the label of the answers under a key of the finest split."""
    *codes, starts = key
    of = dict(zip(_names(selection, known_as), codes, strict=True))
    label = known_as.label([of[name] for name in known_as.dimensions])  # type: ignore[misc]
    if depth is not None and "unit" in selection.by:
        of["unit"] = _rolled(of["unit"], known_as.above, depth)  # type: ignore[arg-type]
    return (*(of[name] for name in selection.by), starts), label


def _rolled(code: str | None, above: Mapping[str, str | None], depth: int) -> str | None:
    line = []
    while code is not None:
        line.append(code)
        code = above.get(code)
    return line[::-1][min(depth, len(line) - 1)] if line else None


def _weighed(
    starts: date | None,
    groups: Mapping[Key, Labelled],
    population: str,
    known_as: Frame,
    *,
    once: bool,
) -> Weights:
    counts: Counter[Label] = Counter()
    for cells in groups.values():
        counts.update({label: one.count for label, one in cells.items()})
    made = levels(known_as, counts)
    found = rake_cells({made.cell(label): n for label, n in counts.items()}, made.totals, cap=CAP)
    weighted = {
        group: found.weigh({made.cell(label): one for label, one in cells.items()})
        for group, cells in groups.items()
    }
    unfinished = () if found.converged else (Note("raked_unfinished"),)
    return Weights(
        starts,
        population,
        design_effect(merge_all(weighted.values())),
        found.trimmed,
        balances(known_as, counts) if once else {},
        (*made.notes, *found.warnings, *unfinished),
        weighted,
        min(found.factors.values(), default=1.0),
        max(found.factors.values(), default=1.0),
    )


def _rows(plain: Measured, weights: list[Weights]) -> list[Row]:
    of = {group: one for one in weights for group in one.groups}
    groups = {
        key: _like(of[key].groups[key], mine) if key in of else mine
        for key, mine in plain.settled.groups.items()
    }
    measured = replace(plain, settled=replace(plain.settled, groups=groups))
    split = plain.selection.by or plain.selection.interval
    keys = plain.keys if split else [_nobody(plain.selection)]
    return [_told(measured, key, of.get(key)) for key in keys]


def _like(weighted: Moments, plain: Moments) -> Moments:
    """Return weighted answers with what is known of who gave them."""
    by_group = None if plain.by_group is None else weighted.by_group
    return replace(weighted, by_group=by_group, n_customers=plain.n_customers)


def _told(measured: Measured, key: Key, weights: Weights | None) -> Row:
    row = measured.row(key)
    if row.status != OK or weights is None:
        return row
    params = {
        "population": weights.population,
        "deff": round(design_effect(measured.moments(key)), 2),
        "trimmed": round(weights.trimmed, 1),
    }
    return replace(row, estimate=row.estimate.noted(Note("raked", params), *weights.notes))
