"""Estimates to pictures: ECharts 6 options built in Python, pure and plain JSON.

Every function returns a `Chart`: `option` (JSON, no functions), `label` (the finding in a
sentence, for aria-label and captions), `table` (the same figures, written) and `height` in px.

    from manyi.charts import trend
    trend([("2026-10", estimate), ("2026-11", other)], kind="share", language="zh-Hans", target=90)

Colours are tokens, because a canvas cannot read CSS: the page replaces "@accent" by its CSS
variable at drawing time, `resolve(option, LIGHT)` does it in Python. Tokens:
@accent @ink @muted @line @paper @band @grey, and the diverging ramp
@low1 @low2 @neutral @high1 @high2 (low1 and high2 are the strong ends, words on them are @paper;
low2 and high1 are soft, words on them are @ink). Only keys that end in "color" hold tokens.

A datum may carry `href`: the page follows it on click. `media` shortens names on a phone.
Series that the options use: line, bar, scatter, heatmap; components: grid, tooltip, legend,
markLine, markArea, visualMap. The browser passes them as they are.
"""

from manyi.charts.against import Limits, Unit, against_chance
from manyi.charts.amounts import Five, box, days
from manyi.charts.chart import (
    DARK,
    LIGHT,
    TOKENS,
    Chart,
    Measured,
    Option,
    Palette,
    Table,
    resolve,
)
from manyi.charts.compare import bars, dots
from manyi.charts.figures import (
    FEW,
    HIDDEN,
    THIN,
    Hidden,
    Kind,
    cells,
    figure,
    full,
    interval,
    judged,
    number,
)
from manyi.charts.heat import heat
from manyi.charts.spread import (
    NPS_COLOURS,
    Likert,
    distribution,
    funnel,
    histogram,
    likert,
    nps_strip,
)
from manyi.charts.trend import trend

__all__ = [
    "DARK",
    "FEW",
    "HIDDEN",
    "LIGHT",
    "NPS_COLOURS",
    "THIN",
    "TOKENS",
    "Chart",
    "Five",
    "Hidden",
    "Kind",
    "Likert",
    "Limits",
    "Measured",
    "Option",
    "Palette",
    "Table",
    "Unit",
    "against_chance",
    "bars",
    "box",
    "cells",
    "days",
    "distribution",
    "dots",
    "figure",
    "full",
    "funnel",
    "heat",
    "histogram",
    "interval",
    "judged",
    "likert",
    "nps_strip",
    "number",
    "resolve",
    "trend",
]
