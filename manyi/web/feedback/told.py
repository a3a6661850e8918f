"""What the model found in a text: words marked where they stand, findings in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from manyi.feedback import taxonomy
from manyi.feedback.models import FeedbackRecord, Finding
from manyi.feedback.saying import admitted
from manyi.kit.selection import Scope, Selection
from manyi.web import named

Judged = set[tuple[str, str]]


def of_record(scope: Scope, r: FeedbackRecord) -> dict[str, Any] | None:
    """Return what was found in a record's text; None where nobody has read it yet."""
    number = taxonomy.number(scope.organisation_id)
    reading = r.readings.filter(generation=number).first() if r.analysed_at else None
    if reading is None:
        return None
    names = named.aspects(scope)
    judged = {(one.kind, one.code) for one in r.corrections.all()}
    found = list(r.findings.filter(generation=number).order_by("start", "pk"))
    shown = masked_places(r, found) if not scope.sees_text else {f.pk: f.places for f in found}
    text = r.verbatim if scope.sees_text else r.masked or ""
    return {
        "findings": (listed := [_finding(names, one, r, scope, judged) for one in found]),
        "shown": _together(listed),
        "is_judged": ("polarity", "") in judged,
        "marked": marked(text, [(one, shown[one.pk]) for one in found], names),
        "sense": named.SENSES[reading.polarity],
        "polarity": named.sense(reading.polarity),
        "emotion": str(named.EMOTIONS.get(reading.emotion, reading.emotion)),
        "intents": [str(named.INTENTS.get(code, code)) for code in reading.intents.split()],
        "model": reading.model,
        "generation": number,
    }


def _together(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what is said of each theme in each tone once, with all the words that say it.

    What names no theme and no word is left out where there is anything else to show.
    """
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for one in found:
        kept = merged.setdefault((one["code"], one["sense"]), {**one, "words": []})
        kept["words"] = list(dict.fromkeys([*kept["words"], *one["words"]]))
    telling = [one for one in merged.values() if one["code"] or one["words"]]
    return telling or list(merged.values())


def masked_places(r: FeedbackRecord, found: Iterable[Finding]) -> Mapping[int, Any]:
    """Return no places: those of the text as written do not fit the masked one."""
    return {one.pk: [[], []] for one in found}


def _finding(
    names: dict[str, str], one: Finding, r: FeedbackRecord, scope: Scope, judged: Judged
) -> dict[str, Any]:
    return {
        "pk": one.pk,
        "code": one.aspect,
        "aspect": named.aspect(names, one.aspect),
        "sense": named.SENSES[one.polarity],
        "polarity": named.sense(one.polarity),
        "words": _words(one, r) if scope.sees_text else [],
        "is_judged": ("aspect", one.aspect) in judged,
        "strength": round(abs(one.score) * 100),
    }


def _words(one: Finding, r: FeedbackRecord) -> list[str]:
    return list(dict.fromkeys(r.verbatim[a:b] for kind in one.places for a, b in kind))


def marked(text: str, found: Sequence[tuple[Finding, Any]], names: dict[str, str]) -> SafeString:
    """Return `text`, escaped, with the words that say each finding inside a <mark>."""
    spans = [(a, b, one) for one, places in found for kind in places for a, b in kind]
    pieces, at = [], 0
    for start, end, one in sorted(spans, key=lambda span: span[:2]):
        if start < at or end > len(text):
            continue
        title = f"{named.aspect(names, one.aspect)}: {named.sense(one.polarity)}"
        pieces += [
            conditional_escape(text[at:start]),
            format_html(
                '<mark class="{}" title="{}">{}</mark>',
                f"says-{named.SENSES[one.polarity]}",
                title,
                text[start:end],
            ),
        ]
        at = end
    pieces.append(conditional_escape(text[at:]))
    return mark_safe("".join(pieces))  # noqa: S308 - joined of escaped pieces


def words_asked(selection: Selection, found: Iterable[FeedbackRecord]) -> dict[int, str]:
    """Return the words by which each record speaks of the aspects that are asked for."""
    codes = selection.where.get("aspect")
    if codes is None or not selection.scope.sees_text:
        return {}
    organisation = selection.scope.organisation_id
    texts = {r.pk: r.verbatim for r in found}
    rows = Finding.objects.filter(
        record_id__in=texts,
        aspect__in=admitted(organisation, codes),
        generation=taxonomy.number(organisation),
    )
    words: dict[int, list[str]] = defaultdict(list)
    for record, places in rows.values_list("record_id", "places"):
        words[record] += [texts[record][a:b] for kind in places for a, b in kind]
    return {record: " ".join(said) for record, said in words.items()}
