"""The sections of the report, in the order headline, picture, table, words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from manyi.charts import (
    NPS_COLOURS,
    Likert,
    Table,
    bars,
    cells,
    distribution,
    dots,
    figure,
    histogram,
    interval,
    judged,
    likert,
    nps_strip,
    trend,
)
from manyi.charts.figures import count, ends, joined
from manyi.kit.say import say
from manyi.stats.result import Estimate
from manyi.study.findings import Comparison, Indicator, Item, Study
from manyi.study.labels import answers, item_name, what
from manyi.study.markup import Html, join, tag
from manyi.study.pictures import Pictures, table

_MOST_TILES = 6
_MOST_SPREADS = 6
_MOST_COMPARED = 10
_MOST_ROWS = 40


class Sections:
    """Writes the findings of one study in one language."""

    def __init__(self, found: Study, language: str, pictures: Pictures) -> None:
        self.found = found
        self.language = language
        self.pictures = pictures

    def say(self, code: str, **params: str) -> str:
        return say(code, self.language, params)

    def headlines(self) -> Html | None:
        """Return a tile for each leading figure: value large, interval and n beside it."""
        main = self.found.main
        if main is None:
            return None
        shown = [(main, i) for i in main.indicators]
        # Another metric says something new; one more item of a battery waits for its table.
        others = [(i, i.lead) for i in self.found.items if i is not main]
        others.sort(key=lambda pair: pair[1].code == main.lead.code)
        tiles = [*shown, *others][:_MOST_TILES]
        return join(
            tag("p", self.say("study.headlines_lead"), class_="lead"),
            tag("div", *(self._tile(item, one) for item, one in tiles), class_="tiles"),
        )

    def _tile(self, item: Item, one: Indicator) -> Html:
        estimate = one.estimate
        if judged(estimate):
            value, low, high = ends(estimate)
            big = tag("p", figure(value, one.kind), self._of_scale(item, one), class_="value")
            params = {"interval": interval(low, high, one.kind), "n": count(estimate.n)}
            small = self.say("study.interval_n", **params)
        else:
            big = tag("p", "–", class_="value")
            small = self.say("chart.too_few", n=count(estimate.n))
        leading = self.found.main is item and item.lead is one
        return tag(
            "div",
            tag("p", what(one, item, self.language), class_="of"),
            big,
            tag("p", small, class_="with"),
            class_="tile main" if leading else "tile",
        )

    def _of_scale(self, item: Item, one: Indicator) -> Html | None:
        if one.kind == "mean":
            return tag("small", f" / {item.scale.best:g}")
        return tag("small", " / 100") if one.kind == "index" else None

    def spreads(self) -> Html | None:
        """Return how answers spread: batteries of one scale together, others one by one."""
        groups: dict[tuple[float, float, str], list[Item]] = {}
        for item in self.found.items:
            if item.spread:
                key = (item.scale.worst, item.scale.best, item.scores.column.metric)
                groups.setdefault(key, []).append(item)
        drawn = [self._battery(items) for items in groups.values()][:_MOST_SPREADS]
        drawn += [self._histogram(i) for i in self.found.items if not i.spread and i.moments.count]
        return join(*drawn) if drawn else None

    def _battery(self, items: Sequence[Item]) -> Html:
        if len(items) == 1:
            return self._single(items[0])
        words = [word for _, word in answers(items[0], self.language)]
        rows = [Likert(item_name(i), tuple(s.count for s in i.spread)) for i in _ranked(items)]
        rows = [row for row in rows if len(row.counts) == len(words)][:_MOST_ROWS]
        return join(
            tag("h3", self.say("study.battery", n=count(len(rows)))),
            self.pictures.figure(likert(rows, answers=words, language=self.language)),
        )

    def _single(self, item: Item) -> Html:
        words = [word for _, word in answers(item, self.language)]
        counts = [s.count for s in item.spread]
        drawn = [tag("h3", item_name(item))]
        if len(words) == 2:
            row = Likert(item_name(item), tuple(counts))
            return join(
                *drawn, self.pictures.figure(likert([row], answers=words, language=self.language))
            )
        if item.lead.code == "nps":
            low, high = sum(counts[:7]), sum(counts[9:])
            strip = nps_strip(
                low,
                sum(counts) - low - high,
                high,
                score=item.lead.estimate,
                language=self.language,
            )
            drawn.append(self.pictures.figure(strip))
        shares = [s.share for s in item.spread]
        colours = NPS_COLOURS if item.lead.code == "nps" else None
        chart = distribution(words, counts, shares=shares, colours=colours, language=self.language)
        return join(*drawn, self.pictures.figure(chart))

    def _histogram(self, item: Item) -> Html:
        values = item.scores.values[~np.isnan(item.scores.values)]
        counts, edges = np.histogram(values, bins=10, range=(item.scale.low, item.scale.high))
        chart = histogram(edges.tolist(), counts.tolist(), language=self.language)
        return join(tag("h3", item_name(item)), self.pictures.figure(chart))

    def trend(self) -> Html | None:
        """Return the leading figure over time, where the file has days."""
        found, main = self.found.trend, self.found.main
        if found is None or main is None:
            return None
        chart = trend(found.points, kind=main.lead.kind, language=self.language)
        lead = [self.say("study.trend_lead", what=what(main.lead, main, self.language))]
        if found.undated:
            lead.append(self.say("study.undated", n=count(found.undated)))
        return join(
            tag("p", joined(lead, self.language), class_="lead"),
            self.pictures.figure(chart),
        )

    def comparisons(self) -> Html | None:
        """Return each column of groups: who truly differs from the rest, by Holm's test."""
        found = [c for c in self.found.comparisons if c.groups]
        if not found:
            return None
        found.sort(key=lambda c: not c.differing)
        shown, rest = found[:_MOST_COMPARED], [c.name for c in found[_MOST_COMPARED:]]
        names = self.say("chart.comma").join(rest)
        return join(
            tag("p", self.say("study.compare_lead"), class_="lead"),
            *(self._comparison(c) for c in shown),
            tag("p", self.say("study.more_columns", names=names), class_="muted") if rest else None,
        )

    def _comparison(self, found: Comparison) -> Html:
        main = self.found.main
        assert main is not None
        chart = dots(
            [(g.name, g.estimate, None) for g in found.groups],
            whole=main.lead.estimate,
            kind=main.lead.kind,
            language=self.language,
            differs=found.differing,
        )
        left = count(found.left_out)
        return join(
            tag("h3", found.name),
            self.pictures.figure(chart),
            self._differences(found),
            tag("p", self.say("study.more_groups", n=left), class_="muted")
            if found.left_out
            else None,
        )

    def _differences(self, found: Comparison) -> Html | None:
        tested = [g for g in found.groups if g.difference is not None and g.p is not None]
        if not tested:
            return None
        heads = ["chart.col_name", "study.col_difference", "chart.col_interval"]
        heads += ["study.col_p", "chart.col_differs"]
        rows = []
        for group in sorted(tested, key=lambda g: (g.p or 0.0, g.name)):
            value, low, high = ends(group.difference)
            verdict = "chart.differs_yes" if group.differs else "chart.differs_no"
            p = "< 0.001" if (group.p or 0.0) < 0.001 else f"{group.p:.3f}"
            rows.append(
                (
                    group.name,
                    figure(value, "difference"),
                    interval(low, high, "difference"),
                    p,
                    say(verdict, self.language),
                )
            )
        content = Table(tuple(self.say(code) for code in heads), tuple(rows))
        summary = tag("summary", self.say("study.differences"))
        return tag("details", summary, table(content, wide=(0, 4)))

    def items(self) -> Html | None:
        """Return the items of the file side by side: index, satisfied share, association."""
        main = self.found.main
        others = [i for i in self.found.items if i is not main and i.moments.count]
        if main is None or len(others) < 2:
            return None
        indices = [(item_name(i), i.index) for i in _ranked(others)][:_MOST_ROWS]
        chart = bars(indices, kind="index", language=self.language)
        return join(
            tag("p", self.say("study.items_lead", main=item_name(main)), class_="lead"),
            self.pictures.figure(chart),
            tag("div", table(self._item_table(others)), class_="card"),
            tag("p", self.say("study.association"), class_="muted"),
        )

    def _item_table(self, items: Sequence[Item]) -> Table:
        boxed = any(item.indicator("csat") for item in items)
        heads = ["chart.col_name", "study.metric.csat_index", "chart.col_interval", "chart.col_n"]
        heads += ["study.col_top", "chart.col_interval"] if boxed else []
        heads += ["study.col_correlation", "chart.col_interval"]
        related = self.found.related
        order = sorted(items, key=lambda i: -abs(related[i.name].value or 0.0))
        rows = (self._item_row(item, related[item.name], boxed) for item in order)
        return Table(tuple(self.say(code) for code in heads), tuple(rows))

    def _item_row(self, item: Item, correlation: Estimate, boxed: object) -> tuple[str, ...]:
        top = item.indicator("csat")
        share = cells(top.estimate, "share", self.language)[:2] if top else ("–", "")
        return (
            item_name(item),
            *cells(item.index, "index", self.language),
            *(share if boxed else ()),
            *cells(correlation, "correlation", self.language)[:2],
        )


def _ranked(items: Sequence[Item]) -> list[Item]:
    """Return the items with the best first, by mean index."""

    def place(item: Item) -> float:
        values = item.scores.values
        mean = float(np.nanmean(values)) if item.moments.count else item.scale.worst
        return -item.scale.index(mean)

    return sorted(items, key=place)
