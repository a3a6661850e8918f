"""The section on themes: how each is spoken of, the figures, and one clause of either kind."""

from __future__ import annotations

import re

from manyi.charts import Likert, Table, cells, judged, likert
from manyi.charts.figures import count, ends, full, joined
from manyi.kit.localtext import pick
from manyi.kit.say import say
from manyi.study.markup import Html, join, tag, text
from manyi.study.masking import quote
from manyi.study.pictures import Pictures, table
from manyi.study.themes import Example, Theme, Themes
from manyi.text.taxonomy import OVERALL, groups

_DRAWN, _QUOTED = 12, 8
_SIDES = {-1: "low", 1: "high"}


class Spoken:
    """Writes the themes of one study in one language."""

    def __init__(self, found: Themes, language: str) -> None:
        self.found = found
        self.language = language

    def say(self, code: str, **params: str) -> str:
        return say(code, self.language, params)

    def section(self, pictures: Pictures) -> Html:
        """Return the picture, the table and the quotes."""
        shown = self.found.rows[:_DRAWN]
        senses = [self.say(f"study.sense_{name}") for name in ("negative", "neutral", "positive")]
        rows = [Likert(self.name(one), one.counts) for one in shown]
        quoted = [one for one in self.found.rows if one.examples][:_QUOTED]
        return join(
            tag("p", self._lead(), class_="lead"),
            pictures.figure(likert(rows, answers=senses, language=self.language)),
            tag("div", table(self._table()), class_="card"),
            tag("h3", self.say("study.theme_quotes")) if quoted else None,
            tag("ol", *(self._quotes(one) for one in quoted), class_="list") if quoted else None,
        )

    def _lead(self) -> str:
        found = self.found
        code = "study.themes_guessed" if found.guessed else "study.themes_lead"
        trade = pick(found.taxonomy.name, self.language)
        lead = self.say(
            code,
            n=count(found.n),
            trade=trade,
            industry=found.taxonomy.code,
            model=found.model,
        )
        sampled = self.say("study.themes_sampled", of=count(found.of)) if found.n < found.of else ""
        return joined([lead, sampled], self.language)

    def name(self, one: Theme) -> str:
        """Return a theme with its group: “Service · Queueing”."""
        aspect = self.found.taxonomy[one.aspect]
        group = groups().get(aspect.group)
        own = pick(aspect.name, self.language)
        above = pick(group, self.language) if group else own
        return own if above == own else f"{above} · {own}"

    def _table(self) -> Table:
        heads = ["study.col_theme", "study.col_share", "chart.col_interval", "chart.col_n"]
        heads += ["study.col_net", "chart.col_interval"]
        rows = tuple(self._row(one) for one in self.found.rows)
        return Table(tuple(self.say(code) for code in heads), rows)

    def _row(self, one: Theme) -> tuple[str, ...]:
        value, around, _ = cells(one.share, "share", self.language)
        net = cells(one.net, "points", self.language)[:2]
        return (self.name(one), value, around, count(sum(one.counts)), *net)

    def _quotes(self, one: Theme) -> Html:
        quotes = (
            tag("blockquote", _marked(example), class_=_SIDES[example.sense])
            for example in one.examples
        )
        figures = self.say("study.theme_net", estimate=full(one.net, "points", self.language))
        head = (tag("b", self.name(one)), tag("span", figures, class_="n"))
        return tag("li", tag("div", *head, class_="top two"), *quotes)

    def complaint(self) -> str:
        """Return in a sentence what is surely complained of most, or nothing."""
        told = [one for one in self.found.rows if one.aspect != OVERALL and judged(one.net)]
        sure = [one for one in told if ends(one.net)[2] < 0]
        if not sure:
            return ""
        worst = max(sure, key=lambda one: one.counts[0])
        n, of = count(worst.counts[0]), count(self.found.n)
        params = {"theme": self.name(worst), "n": n, "of": of}
        return self.say("study.answer_theme", **params)


def _marked(example: Example) -> Html:
    """Return the clause in its comment without personal data, its telling words marked."""
    line = quote(example.text, example.clause)
    words = sorted((w for w in example.words if w), key=len, reverse=True)
    if not words:
        return Html(text(line))
    parts = re.split("(" + "|".join(map(re.escape, words)) + ")", line)
    return join(*(tag("mark", p) if i % 2 else Html(text(p)) for i, p in enumerate(parts)))
