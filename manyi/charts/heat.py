"""Where do which aspects hurt: a map of two dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from manyi.charts.chart import Chart, Measured, Option, Table
from manyi.charts.figures import FEW, Kind, count, counted, ends, figure, full, judged
from manyi.charts.parts import ROW, frame, label_axis, name_axis, narrow_names, tip
from manyi.charts.spread import RAMP, on, ramp
from manyi.kit.say import say

# What too few answers look like: lines, not only a colour.
_HATCH = {
    "symbol": "rect",
    "color": "@line",
    "dashArrayX": [1, 0],
    "dashArrayY": [1, 6],
    "rotation": -0.785,
}
COLUMN = 84  # a name of two words, and a figure with its sign
NAMES = 120  # what stands left of the first column

Cells = Mapping[tuple[str, str], Measured | None]


def heat(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Cells,
    *,
    low: float,
    high: float,
    kind: Kind = "share",
    language: str,
    few: int = FEW,
    tones: Mapping[str, int] | None = None,
) -> Chart:
    """Draw `cells` of (row, column) from `low` (ochre) to `high` (teal).

    A cell with too few answers is hatched and shows only its count. With `tones` not low and high
    are coloured but much and little, a column's cells ochre (-1), teal (1) or not at all (0).
    """
    shade = _Shade(low, high, tones, _most(cells, tones, few))
    option = frame(top=8, bottom=8)
    option["xAxis"] = {**label_axis(columns), "position": "top", "splitArea": {"show": False}}
    option["xAxis"]["axisLabel"] = {"color": "@ink", "width": COLUMN - 6, "overflow": "truncate"}
    option["yAxis"] = name_axis(rows)
    option["series"] = [
        {
            "type": "heatmap",
            "itemStyle": {"borderColor": "@paper", "borderWidth": 2},
            "data": [
                _cell((c, r), (row, column), cells, shade, kind, language, few)
                for r, row in enumerate(rows)
                for c, column in enumerate(columns)
            ],
        }
    ]
    # ECharts draws no heat map without a visual map; the colours of the cells win over it.
    option["visualMap"] = {"show": False, "min": low, "max": high}
    option["media"] = narrow_names(rows)
    return Chart(
        option=option,
        label=_finding(rows, columns, cells, kind, language, few),
        table=_table(rows, columns, cells, kind, language, few),
        height=48 + (ROW + 6) * max(len(rows), 1),
        width=NAMES + COLUMN * len(columns),
    )


@dataclass(frozen=True)
class _Shade:
    """How cells are coloured: from `low` to `high`, or by tone up to the greatest of them."""

    low: float
    high: float
    tones: Mapping[str, int] | None
    most: float

    def of(self, column: str, value: float) -> str:
        if self.tones is None:
            index = (value - self.low) / ((self.high - self.low) or 1.0) * 100
            return ramp(min(max(index, 0.1), 99.9))
        thirds = min(int(3 * value / self.most), 2) if self.most > 0 else 0
        return RAMP[len(RAMP) // 2 + self.tones.get(column, 0) * thirds]


def _most(cells: Cells, tones: Mapping[str, int] | None, few: int) -> float:
    """Return the greatest value of a cell that a tone colours."""
    told = (
        ends(one)[0]
        for (_, column), one in cells.items()
        if judged(one, few) and (tones or {}).get(column)
    )
    return max(told, default=0.0)


def _cell(
    place: tuple[int, int],
    key: tuple[str, str],
    cells: Cells,
    shade: _Shade,
    kind: Kind,
    language: str,
    few: int,
) -> Option:
    estimate = cells.get(key)
    n = estimate.n if estimate is not None else 0
    datum: Option = {"tooltip": tip(f"{' · '.join(key)}\n{full(estimate, kind, language, few)}")}
    if not judged(estimate, few):
        pale = {"color": "@paper", "borderColor": "@line", "borderWidth": 1, "decal": _HATCH}
        words = f"({count(n)})" if n else ""
        return {
            **datum,
            "value": [*place, shade.low],
            "itemStyle": pale,
            "label": {"show": bool(n), "formatter": words, "color": "@muted"},
        }
    value = ends(estimate)[0]
    colour = shade.of(key[1], value)
    label = {"show": True, "formatter": figure(value, kind), "color": on(colour)}
    return {**datum, "value": [*place, value], "itemStyle": {"color": colour}, "label": label}


def _finding(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Cells,
    kind: Kind,
    language: str,
    few: int,
) -> str:
    known = [
        (ends(cells.get((r, c)))[0], r, c)
        for r in rows
        for c in columns
        if judged(cells.get((r, c)), few)
    ]
    if not known:
        return say("chart.nothing", language)
    worst, best = min(known), max(known)
    words = {
        "worst": f"{worst[1]} · {worst[2]}",
        "worst_value": full(cells[worst[1], worst[2]], kind, language, few),
        "best": f"{best[1]} · {best[2]}",
        "best_value": full(cells[best[1], best[2]], kind, language, few),
    }
    return counted("chart.bars", len(known), language, words)


def _table(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Cells,
    kind: Kind,
    language: str,
    few: int,
) -> Table:
    return Table(
        columns=(say("chart.col_name", language), *columns),
        rows=tuple(
            (row, *(full(cells.get((row, c)), kind, language, few) for c in columns))
            for row in rows
        ),
    )
