"""The report: one HTML file that needs nothing else, on a screen, a phone and on paper."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from string import Template

from manyi.charts import DARK, LIGHT, Palette
from manyi.kit.say import say
from manyi.study.answer import answer, title
from manyi.study.findings import Study
from manyi.study.markup import Html, join, tag, text
from manyi.study.pictures import Pictures
from manyi.study.provenance import method_notes, read_and_guessed
from manyi.study.sections import Sections
from manyi.study.spoken import Spoken
from manyi.study.voices import voices

DRAWING = "ui/static/ui/dist/report-charts.js"
"""Built from frontend/src/report-charts.js; without it the report shows its tables."""

_GROUND = {"light": "#F7F6F3", "dark": "#131615"}
_PAGE = Template(
    """<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src $scripts; \
style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Manyi">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
$body
</main>
$data
$code
</body>
</html>
"""
)


def page(found: Study, *, language: str, heading: str | None, seed: int, now: datetime) -> str:
    """Return the whole report as HTML."""
    pictures = Pictures(language)
    name = heading or title(found, language)
    sections = list(_sections(found, language, pictures, seed, now))
    body = join(
        _header(found, name, language, now, sections),
        *(
            tag("section", tag("h2", say(f"study.section.{code}", language)), part, id=code)
            for code, part in sections
        ),
        tag("footer", say("study.footer", language)),
    )
    scripts = [_drawing(), _read("page.js")]
    return _PAGE.substitute(
        language=text(language),
        scripts=" ".join(f"'sha256-{_digest(s)}'" for s in scripts if s),
        title=text(name),
        style=_style(),
        body=body,
        data=pictures.data(),
        code="".join(f"<script>{s}</script>" for s in scripts if s),
    )


def _sections(
    found: Study, language: str, pictures: Pictures, seed: int, now: datetime
) -> Iterator[tuple[str, Html]]:
    write = Sections(found, language, pictures)
    candidates = (
        ("guessed", read_and_guessed(found, language)),
        ("headlines", write.headlines()),
        ("spread", write.spreads()),
        ("trend", write.trend()),
        ("groups", write.comparisons()),
        ("items", write.items()),
        ("themes", Spoken(found.themes, language).section(pictures) if found.themes else None),
        ("words", voices(found, language)),
        ("method", method_notes(found, language, seed=seed, now=now)),
    )
    yield from ((code, part) for code, part in candidates if part is not None)


def _header(
    found: Study, name: str, language: str, now: datetime, sections: list[tuple[str, Html]]
) -> Html:
    links = (
        tag("a", say(f"study.section.{code}", language), href=f"#{code}") for code, _ in sections
    )
    first, *others = answer(found, language)
    return tag(
        "header",
        tag(
            "p",
            tag("b", say("study.brand", language)),
            tag("span", f"{found.sheet.path.name} · {now:%Y-%m-%d}"),
            class_="brand",
        ),
        tag("h1", name),
        tag("p", first, class_="answer"),
        *(tag("p", sentence, class_="answer") for sentence in others),
        tag("nav", *links, aria_label=say("study.contents", language)),
    )


def _style() -> str:
    light, dark = _variables(LIGHT, "light"), _variables(DARK, "dark")
    themes = (
        f":root{{{light}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root:not(.paper){{{dark}}}}}"
    )
    return themes + _read("page.css")


def _variables(palette: Palette, theme: str) -> str:
    colours = {**palette.colours, "ground": _GROUND[theme]}
    return "".join(f"--{token}:{colour};" for token, colour in colours.items())


def _read(name: str) -> str:
    return resources.files("manyi.study").joinpath(name).read_text("utf-8").strip()


def _drawing() -> str:
    """Return the drawing script, empty where the front end has not been built."""
    file = resources.files("manyi").joinpath(DRAWING)
    # A script must not hold its own end, nor end a page before its time.
    return file.read_text("utf-8").replace("</script", "<\\/script") if file.is_file() else ""


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
