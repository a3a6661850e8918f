"""Numbers weighted to the population that a survey's answers stand for.

Weights are made anew for each period, among all answers of the selection; each of its groups
then uses the same ones. They never look beyond what the selection's scope lets be seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from manyi.base.log import logger
from manyi.kit.period import Period
from manyi.kit.problems import NotFound, Problem
from manyi.kit.selection import Selection
from manyi.lake import queries as lake
from manyi.metrics import guard, measured, registry
from manyi.metrics.margins import Frame, Label, balances, frame, levels
from manyi.metrics.measured import Measured, Shared
from manyi.metrics.rows import Row
from manyi.metrics.settled import Key, settle
from manyi.programmes.models import Population
from manyi.programmes.queries import Known, known
from manyi.stats.moments import Moments, empty, merge, merge_all
from manyi.stats.result import Note
from manyi.stats.scoring import Metric
from manyi.stats.survey.nonresponse import Balance
from manyi.stats.survey.weighting import design_effect, rake_cells
from manyi.surveys import queries as surveys
from manyi.surveys.models import Survey

log = logger(__name__)
NONE, RAKED = "none", "raked"
CAP = 5.0
LEAST = 30
"""With fewer answers in a period each counts once: their weights would be mostly chance."""
FEW, HIDDEN = "raked_few", "raked_hidden"
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
    found = _surveys(selection)
    one = found[0].population if found else None
    if one is None or not one.is_active or any(other.population != one for other in found):
        raise Problem("weighting_no_population")
    return one


def _surveys(selection: Selection) -> list[Survey]:
    codes = selection.where.get("survey", ())
    try:
        return [surveys.by_ref(selection.scope, code) for code in codes]
    except NotFound:
        return []


def weighting_of(selection: Selection) -> str:
    """Return how these surveys' own pages count: "raked" where each of them says so."""
    found = _surveys(selection)
    if not found or not all(one.is_weighted for one in found):
        return NONE
    try:
        return RAKED if known(population_of(selection)) else NONE
    except Problem:
        return NONE


def counting_of(selection: Selection) -> tuple[object, ...]:
    """Return what the numbers of these surveys' pages depend on besides their answers."""
    if weighting_of(selection) != RAKED:
        return ()
    margins = known(population_of(selection))
    return tuple((one.dimension, tuple(one.sizes.items())) for one in margins)


def measure(
    selection: Selection,
    metric: str,
    item: str | None,
    *,
    level: float,
    depth: int | None = None,
    family: str | None = None,
    weighting: str | None = None,
) -> Measured:
    """Return a selection measured as `metrics.measured.measure` does, weighted where
    `weighting` is "raked" or, where it is None, the surveys asked for are to be.

    Raises Problem as that does, and "weighting_no_population".
    """
    plain = measured.measure(selection, metric, item, level=level, depth=depth, family=family)
    asked = _Asked(metric, item, depth, family)
    return _as_wanted(selection, [plain], asked, weighting)[0]


def measure_sides(
    selection: Selection,
    sides: Sequence[Period],
    metric: str,
    item: str | None,
    *,
    level: float,
    depth: int | None = None,
    weighting: str | None = None,
) -> tuple[list[Measured], Shared]:
    """Return a selection measured in several periods on one scale, each weighted by itself,
    and whom they share."""
    plain, shared = measured.measure_sides(selection, sides, metric, item, level=level, depth=depth)
    asked = _Asked(metric, item, depth, None)
    return _as_wanted(selection, plain, asked, weighting), shared


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
    no known category keep their weight, periods with too few answers are not weighted: each
    is noted. Raises Problem as `metrics.queries.estimate`, and "weighting_no_population".
    """
    population = population_of(selection)
    plain = measured.measure(selection, metric, item, level=level, depth=depth)
    found = _weighted([plain], population, _Asked(metric, item, depth, None))
    told = found.sides[0]
    split = selection.by or selection.interval
    keys = told.keys if split and not told.failed else [_nobody(selection)]
    shown = [one for one in found.weights if _shown(plain, one)]
    return Raked([told.row(key) for key in keys], shown)


@dataclass(frozen=True)
class _Asked:
    """What was measured: `item` of `metric`, units rolled up to `depth`."""

    metric: str
    item: str | None
    depth: int | None
    family: str | None

    def metric_of(self, selection: Selection) -> Metric:
        chosen, item = registry.asked(self.metric, self.item)
        return registry.meant(chosen, selection, item)

    def cells(self, selection: Selection) -> list[lake.GroupMoments]:
        family = registry.family(self.metric) or self.family
        return lake.margin_cells(selection, family, registry.asked(self.metric, self.item)[1])


@dataclass(frozen=True)
class _Weighed:
    sides: list[Measured]
    weights: list[Weights]


def _as_wanted(
    selection: Selection, plain: list[Measured], asked: _Asked, weighting: str | None
) -> list[Measured]:
    if (weighting or weighting_of(selection)) != RAKED:
        return plain
    return _weighted(plain, population_of(selection), asked).sides


def _weighted(plain: list[Measured], population: Population, asked: _Asked) -> _Weighed:
    """Return the sides weighted, each period of each by itself."""
    dimensions = known(population)
    if not dimensions:
        raise Problem("weighting_no_population")
    if any(one.failed for one in plain):
        return _Weighed(plain, [])
    try:
        settled = _settled_cells(plain, dimensions, asked)
        made = [
            _weights(one, population.code, frame(one.selection, dimensions), cells, asked.depth)
            for one, cells in zip(plain, settled, strict=True)
        ]
        pairs = zip(plain, made, strict=True)
        return _Weighed([_told(*pair) for pair in pairs], [w for ws in made for w in ws])
    except Exception:  # a page says "failed" and never "no data"
        organisation = plain[0].selection.scope.organisation_id
        log.exception("weighting_failed", metric=asked.metric, organisation=organisation)
        return _Weighed([replace(one, failed=True) for one in plain], [])


def _nobody(selection: Selection) -> Key:
    return (None,) * (len(selection.by) + 1)


def _shown(plain: Measured, one: Weights) -> bool:
    """Whether a period's weights may be told: nothing is hidden and enough have answered."""
    n = sum(found.count for found in one.groups.values())
    return n >= plain.limits.precision_n and not plain.hidden & one.groups.keys()


def _weights(
    plain: Measured,
    population: str,
    known_as: Frame,
    settled: Mapping[Key, Moments],
    depth: int | None,
) -> list[Weights]:
    periods: dict[date | None, dict[Key, Labelled]] = defaultdict(lambda: defaultdict(dict))
    for key, one in settled.items():
        group, label = _placed(plain.selection, known_as, key, depth)
        mine = periods[group[-1]][group]  # type: ignore[index]
        mine[label] = merge(mine.get(label, empty()), one)
    once = not any(one.clustered for one in plain.settled.groups.values())
    return [
        _weighed(starts, groups, population, known_as, once=once)
        for starts, groups in periods.items()
        if _count(groups) >= LEAST and not _gives_away(plain, groups)
    ]


def _count(groups: Mapping[Key, Labelled]) -> int:
    return sum(one.count for cells in groups.values() for one in cells.values())


def _gives_away(plain: Measured, groups: Mapping[Key, Labelled]) -> bool:
    """Whether anonymous people answered, and few of them in one cell: the weighted number taken
    with the plain one, and with those by category, would tell what they said."""
    if plain.is_apart and any(_is_secret(plain, group) for group in groups):
        return True  # each survey would have to be weighted by itself
    if not any(plain.settled.anonymous.get(group) for group in groups):
        return False
    cells = {
        (*group, *label): one.people
        for group, labelled in groups.items()
        for label, one in labelled.items()
    }
    return guard.hides_any(cells, plain.limits.privacy_n)


def _is_secret(plain: Measured, group: Key) -> bool:
    return (
        bool(plain.settled.anonymous.get(group)) or group in plain.hidden or group in plain.partly
    )


def _settled_cells(
    plain: Sequence[Measured], dimensions: Sequence[Known], asked: _Asked
) -> list[dict[Key, Moments]]:
    """Return the scores by group and cell on the same scale as those by group, side by side."""
    tagged = []
    for at, side in enumerate(plain):
        names = _names(side.selection, [one.dimension for one in dimensions])
        split = side.selection.split(*names, interval=side.selection.interval)
        tagged += [((at, *o.group.values(), o.period), o) for o in asked.cells(split)]
    whole = settle(asked.metric_of(plain[0].selection), tagged).groups
    return [
        {key[1:]: one for key, one in whole.items() if key[0] == at} for at in range(len(plain))
    ]


def _names(selection: Selection, dimensions: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((*selection.by, *dimensions)))


def _placed(
    selection: Selection, known_as: Frame, key: Key, depth: int | None
) -> tuple[Key, Label]:
    """Return the group and the label of the answers under a key of the finest split."""
    *codes, starts = key
    of = dict(zip(_names(selection, known_as.dimensions), codes, strict=True))
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


def _told(plain: Measured, weights: Sequence[Weights]) -> Measured:
    """Return what was measured with weighted answers, and with what to say of each group."""
    of = {group: one for one in weights for group in one.groups}
    groups = {
        key: _like(of[key].groups[key], mine) if key in of else mine
        for key, mine in plain.settled.groups.items()
    }
    plainly = _unweighted(plain)
    notes = {key: _notes(groups[key], of[key]) if key in of else plainly[key[-1]] for key in groups}
    return replace(plain, settled=replace(plain.settled, groups=groups), told=notes)


def _unweighted(plain: Measured) -> dict[Any, tuple[Note, ...]]:
    """Return why a period that was not weighted was not."""
    counts: Counter[Any] = Counter()
    for key, one in plain.settled.groups.items():
        counts[key[-1]] += one.count
    few, hidden = Note(FEW, {"least": LEAST}), Note(HIDDEN, {"few": plain.limits.privacy_n})
    return {starts: (few if n < LEAST else hidden,) for starts, n in counts.items()}


def _like(weighted: Moments, plain: Moments) -> Moments:
    """Return weighted answers with what is known of who gave them."""
    by_group = None if plain.by_group is None else weighted.by_group
    return replace(weighted, by_group=by_group, n_customers=plain.n_customers)


def _notes(moments: Moments, weights: Weights) -> tuple[Note, ...]:
    params = {
        "population": weights.population,
        "deff": round(design_effect(moments), 2),
        "trimmed": round(weights.trimmed, 1),
    }
    return (Note("raked", params), *weights.notes)
