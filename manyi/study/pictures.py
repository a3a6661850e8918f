"""A picture in the report: the finding, the drawing, and the same figures as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence

from manyi.charts import Chart, Table
from manyi.kit.say import say
from manyi.study.markup import Html, seen, tag


class Pictures:
    """Numbers the pictures of one report and keeps their options for the script."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._options: list[str] = []

    def figure(self, chart: Chart) -> Html:
        """Return the figure; the script draws it, without script its table is open."""
        name = f"chart-{len(self._options)}"
        # "<" is written as an escape so that no text can end the script element.
        option = json.dumps(chart.option, ensure_ascii=False, allow_nan=False)
        safe = Html(seen(option).replace("<", "\\u003c"))
        self._options.append(tag("script", safe, type="application/json", id=name))
        plot = tag("div", class_="plot", data_chart=name, style=f"height:{chart.height}px")
        return tag(
            "figure",
            tag("div", plot, role="img", aria_label=chart.label),
            tag("figcaption", chart.label),
            tag(
                "details",
                tag("summary", say("study.as_table", self.language)),
                table(chart.table),
                class_="twin",
                open="",
            ),
        )

    def data(self) -> Html:
        return Html("".join(self._options))


def table(content: Table, *, wide: Sequence[int] = (0,)) -> Html:
    """Return the table; columns of words are `wide`, the others hold numbers."""
    head = (_cell("th", c, i, wide, scope="col") for i, c in enumerate(content.columns))
    body = (
        tag("tr", *(_cell("td", c, i, wide) for i, c in enumerate(row))) for row in content.rows
    )
    inner = tag("table", tag("thead", tag("tr", *head)), tag("tbody", *body))
    return tag("div", inner, class_="scroll", tabindex="0")


def _cell(name: str, words: str, at: int, wide: Sequence[int], scope: str | None = None) -> Html:
    return tag(name, words, class_=None if at in wide else "number", scope=scope)
