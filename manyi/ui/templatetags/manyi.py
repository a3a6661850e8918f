"""The tags and filters of staff pages: numbers with what is known about them, icons, pictures.

`{% load manyi %}` in a template; each tag's docstring says what it takes.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from manyi.charts import Chart, Table, figure
from manyi.kit.localtext import pick
from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.say import say
from manyi.ui import assets, days, drawn
from manyi.ui.figures import part, read_change, read_figure

register = template.Library()


def language() -> str:
    """Return the BCP 47 tag of the language that the page is written in."""
    return "zh-Hans" if (get_language() or "en").startswith("zh") else "en"


# --- what the build made


@register.simple_tag
def asset(name: str) -> str:
    """`{% asset "staff.js" %}`: the address of a built file."""
    return assets.address(name)


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """`{% icon "inbox" %}`: a drawn icon; decoration unless `label` names it. Sizes: sm, lg."""
    return drawn.icon(name, size, label)


# --- words, numbers and dates as the language writes them


@register.simple_tag
def page_language() -> str:
    return language()


@register.simple_tag
def gap() -> str:
    """`{% gap %}`: what stands between two sentences, which in Chinese is nothing."""
    return "" if language().startswith("zh") else " "


@register.simple_tag
def localtext(value: Any, fallback: str = "") -> str:
    """`{% localtext survey.title %}`: people's own text in the reader's language."""
    return pick(value, language(), fallback)


@register.filter(name="local")
def local_filter(value: Any) -> str:
    """`{{ survey.title|local }}`: the same as a filter."""
    return pick(value, language())


@register.filter
def sentence(problem: Any) -> str:
    """`{{ problem|sentence }}`: what a Problem, a FieldProblem, a Note or a code says."""
    if isinstance(problem, Problem | FieldProblem):
        return say(problem.code, language(), problem.params)
    if isinstance(problem, str):
        return say(problem, language())
    return say(str(part(problem, "code")), language(), part(problem, "params") or {})


@register.filter
def count(value: float | None) -> str:
    """`{{ n|count }}`: 2,914; nothing known is a dash."""
    return "—" if value is None else f"{value:,.0f}".replace("-", "−")


@register.filter
def decimal(value: float | None, places: int = 1) -> str:
    """`{{ value|decimal:2 }}`: a number with fixed places; nothing known is a dash."""
    return "—" if value is None else f"{value:,.{places}f}".replace("-", "−")


@register.filter
def percent(value: float | None) -> str:
    """`{{ share|percent }}`: 86.2% of a share that travels as 86.2."""
    return "—" if value is None else figure(value, "share")


@register.filter
def day(value: date | None) -> str:
    """`{{ plan.review_on|day }}`: 2026年11月1日, 1 Nov 2026."""
    return "—" if value is None else days.written(value, language())


@register.filter
def moment(value: datetime | None) -> str:
    """`{{ record.occurred_at|moment }}`: the day and the minute in the page's time zone."""
    if value is None:
        return "—"
    return f"{days.written(value, language())} {days.here(value):%H:%M}"


@register.filter
def heard(value: datetime | None) -> str:
    """`{{ record.occurred_at|heard }}`: the day, with the minute where it is known.

    Of a day without a time of day the record holds midnight sharp; an answer that came then
    to the microsecond is told without its minute.
    """
    if value is None:
        return "—"
    return day(value) if days.here(value).time() == time.min else moment(value)


# --- numbers with what is known about them


@register.simple_tag
def estimate(
    source: Any,
    *,
    kind: str | None = None,
    few: int | None = None,
    large: str = "",
    retry: str = "",
) -> SafeString:
    """`{% estimate e kind="share" %}`: value, interval and n, or why there is none.

    `e` is an Estimate, or anything with value, low, high, n and perhaps status (ok, too_few,
    suppressed, failed), kind and notes. Kinds: share, points, index, mean, difference,
    correlation. `retry` is the address that tries a failed one again.
    """
    shown = read_figure(source, language=language(), kind=kind, few=few)
    return drawn.estimate(shown, large=bool(large), retry=retry)


@register.inclusion_tag("ui/parts/delta.html")
def delta(
    source: Any, *, kind: str | None = None, against: str = "", better: str = "up"
) -> dict[str, Any]:
    """`{% delta d kind="share" against=_("vs last month") %}`: a difference, judged.

    Solid ▲▼ with number and interval where the interval leaves 0 out (or `d.significant`
    says so), else an outlined ◇. `better="down"` where less is better.
    """
    return {"change": read_change(source, kind=kind, better=better), "against": against}


@register.simple_tag
def whisker(
    source: Any, low: float, high: float, *, whole: float | None = None, kind: str | None = None
) -> SafeString:
    """`{% whisker e 0 100 whole=86.2 %}`: dot and interval on an axis from low to high."""
    shown = read_figure(source, language=language(), kind=kind, few=None)
    ends = part(source, "low"), part(source, "value"), part(source, "high")
    if shown.state != "ok" or None in ends:
        return SafeString("")
    return drawn.whisker(ends, (low, high), whole=whole, label=shown.text)


@register.inclusion_tag("ui/parts/about.html")
def about(
    title: str, rows: Any, *, copy: str = "", help: str = "", text: str = ""
) -> dict[str, Any]:
    """`{% about title rows copy=text help=href %}`: what stands behind a figure, on a tap.

    `rows` are (term, words) pairs: formula, selection, base, exclusions, weighting, model.
    """
    pairs = rows.items() if isinstance(rows, Mapping) else rows or ()
    return {
        "id": _new_id("about"),
        "title": title,
        "rows": list(pairs),
        "copy": copy,
        "help": help,
        "text": text,
    }


@register.inclusion_tag("ui/parts/chart.html")
def chart(
    picture: Any,
    *,
    height: int | None = None,
    label: str = "",
    table: Any = None,
    title: str = "",
) -> dict[str, Any]:
    """`{% chart c title=… %}`: a `manyi.charts.Chart` (or an option with height, label, table).

    The option goes into the page as JSON, never as a script; the table twin is folded below.
    Cells of the twin are texts, or mappings with `text` and `href`.
    """
    if isinstance(picture, Chart):
        option, label, table = picture.option, label or picture.label, table or picture.table
        height = height or picture.height
    else:
        option = picture
    return {
        "id": (ident := _new_id("chart")),
        "json": json_script(option, f"{ident}-option"),
        "height": height or 280,
        "width": picture.width if isinstance(picture, Chart) else 0,
        "label": label,
        "title": title,
        "columns": list(part(table, "columns") or ()) if table else [],
        "rows": _linked(table) if table else [],
    }


def _linked(table: Table | Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    rows: Sequence[Iterable[Any]] = part(table, "rows") or ()
    return [[c if isinstance(c, Mapping) else {"text": c} for c in row] for row in rows]


# --- states, lists, forms


@register.inclusion_tag("ui/parts/empty.html")
def empty(
    title: str,
    text: str = "",
    *,
    href: str = "",
    action: str = "",
    icon: str = "inbox",
    also_href: str = "",
    also: str = "",
) -> dict[str, Any]:
    """`{% empty title text href=… action=… %}`: nothing here yet, and the way to fill it."""
    words = {"title": title, "text": text, "icon": icon}
    return {**words, "href": href, "action": action, "also_href": also_href, "also": also}


@register.inclusion_tag("ui/parts/failed.html")
def failed(text: str = "", *, retry: str = "") -> dict[str, Any]:
    """`{% failed text retry=href %}`: what could not be computed, and the way to try again."""
    return {"text": text, "retry": retry}


@register.inclusion_tag("ui/parts/note.html")
def note(text: str, level: str = "info") -> dict[str, Any]:
    """`{% note text "warn" %}`: a remark on the page; levels info, success, warn, alarm."""
    return {"text": text, "level": level}


@register.inclusion_tag("ui/parts/chips.html")
def chips(items: Any, clear: str = "") -> dict[str, Any]:
    """`{% chips filters clear=href %}`: filters in force, {label, value, href without it}."""
    return {"items": items, "clear": clear}


@register.inclusion_tag("ui/parts/pager.html")
def pager(
    *, next: str = "", previous: str = "", shown: int | None = None, total: int | None = None
) -> dict[str, Any]:
    """`{% pager next=href previous=href shown=50 total=2914 %}`: walk a list by cursor."""
    return {"next": next, "previous": previous, "shown": shown, "total": total}


@register.inclusion_tag("ui/parts/downloads.html")
def downloads(items: Any) -> dict[str, Any]:
    """`{% downloads items %}`: a menu of files, {label, href, hint}."""
    return {"items": items}


@register.inclusion_tag("ui/parts/tabs.html")
def tabs(items: Any, label: str = "") -> dict[str, Any]:
    """`{% tabs items %}`: pages side by side, {label, href, active, count}."""
    return {"items": items, "label": label}


@register.inclusion_tag("ui/parts/progress.html")
def progress(
    label: str,
    *,
    done: int = 0,
    total: int | None = None,
    url: str = "",
    finished: str = "",
    problem: str = "",
    counted: str = "rows",
) -> dict[str, Any]:
    """`{% progress label done=… total=… url=… %}`: asks `url` for itself until it is finished.

    `counted` are "rows" or "texts".
    """
    return {
        "counted": counted,
        "label": label,
        "done": done,
        "total": total,
        "url": "" if finished or problem else url,
        "finished": finished,
        "problem": problem,
    }


@register.inclusion_tag("ui/parts/ask.html")
def ask(id: str, title: str, text: str = "", *, yes: str, tone: str = "primary") -> dict[str, Any]:
    """`{% ask "drop" title text yes=… tone="danger" %}`: for `<button data-ask="drop">`."""
    return {"id": id, "title": title, "text": text, "yes": yes, "tone": tone}


@register.inclusion_tag("ui/parts/sort.html", takes_context=True)
def sort(
    context: dict[str, Any], key: str, label: str, *, param: str = "sort", css: str = ""
) -> dict[str, Any]:
    """`{% sort "n" _("Answers") css="num" %}`: a `<th>` that sorts by `?sort=n` or `-n`."""
    params = context["request"].GET.copy()
    now = params.get(param, "")
    params[param] = f"-{key}" if now == key else key
    params.pop("cursor", None)
    direction = {key: "ascending", f"-{key}": "descending"}.get(now, "")
    return {"label": label, "href": f"?{params.urlencode()}", "direction": direction, "css": css}


@register.inclusion_tag("ui/parts/head.html")
def head(listing: Any, key: str) -> dict[str, Any]:
    """`{% head list "ref" %}`: the `<th>` of a list's column, sortable where it can be, or none.

    `list` has `heads` (key → label, css, sorts), `show` (key → shown), `order`, `address(order)`.
    """
    one, order = listing.heads[key], listing.order
    direction = {key: "ascending", f"-{key}": "descending"}.get(order, "")
    href = listing.address(f"-{key}" if order == key else key) if one.sorts else ""
    return {"head": one, "shown": listing.show[key], "direction": direction, "href": href}


@register.inclusion_tag("ui/parts/list_tools.html", takes_context=True)
def list_tools(context: Any, listing: Any, *, orders: str = "only-phone") -> dict[str, Any]:
    """`{% list_tools list %}`: the menu of orders (for lists without heads: `orders=""`) and the
    choice of columns, which is kept for the member and stands in the address."""
    return {
        "list": listing,
        "orders": orders,
        "csrf_token": context.get("csrf_token"),
        "id": _new_id("columns"),
    }


@register.inclusion_tag("ui/parts/field.html")
def field(bound: BoundField, *, label: str = "", hint: str = "") -> dict[str, Any]:
    """`{% field form.name %}`: label, control, hint and errors of a form's field."""
    widget = bound.field.widget
    group = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    tick = isinstance(widget, CheckboxInput)
    css = "form-control"
    if group or tick:
        css = "form-check-input"
    elif isinstance(widget, Select):
        css = "form-select"
    classes = [css, widget.attrs.get("class", ""), "is-invalid" if bound.errors else ""]
    return {
        "field": bound,
        "control": bound.as_widget(attrs={"class": " ".join(filter(None, classes))}),
        "label": label or bound.label,
        "hint": hint or bound.help_text,
        "tick": tick,
        "group": list(_options(bound)) if group else [],
    }


def _options(bound: BoundField) -> Iterator[dict[str, Any]]:
    """Yield the control and the words of each choice: Django's own list knows no classes."""
    for one in bound.subwidgets:
        one.data["attrs"]["class"] = "form-check-input"
        control = one.tag(wrap_label=False)
        yield {"id": one.id_for_label, "control": control, "label": one.choice_label}


def _new_id(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"
