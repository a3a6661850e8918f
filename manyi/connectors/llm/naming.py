"""Names for themes that nobody named, beside the phrases that they go by."""

from __future__ import annotations

import secrets
from datetime import datetime

from manyi.accounts.permissions import scope
from manyi.connectors.llm import reading, service
from manyi.connectors.models import LlmChoice, ThemeLabel
from manyi.feedback.verdicts import hash_of
from manyi.kit.localtext import LocalText
from manyi.kit.problems import Problem
from manyi.outbound.chat import Question, Said
from manyi.text.outside import label, material
from manyi.themes import queries
from manyi.themes.models import Look, UnnamedTheme

EXAMPLES, A_TURN = 8, 4


def name_due(*, now: datetime) -> int:
    """Name a few themes of the last look. A loop step."""
    if not service.stand().is_open(now):
        return 0
    rows = LlmChoice.objects.filter(names=True, agreed_at__isnull=False, is_forgetting=False)
    return sum(
        _name_some(choice, now)
        for row in rows
        if (choice := service.agreed(row.organisation_id)) is not None
        and service.stand().is_open(now)
    )


def _name_some(choice: LlmChoice, now: datetime) -> int:
    mine = {"organisation_id": choice.organisation_id}
    look = Look.objects.filter(**mine).order_by("-week").first()
    if look is None:
        return 0
    known = dict(ThemeLabel.objects.filter(**mine).values_list("number", "phrases_hash"))
    themes = UnnamedTheme.objects.filter(**mine, last_week=look.week).order_by("position")
    new = [one for one in themes if known.get(one.number) != _hash(one)][:A_TURN]
    done = 0
    for one in new:
        if not _name(choice, one, now):
            break
        done += 1
    return done


def _hash(theme: UnnamedTheme) -> str:
    return hash_of("\n".join(theme.name))


def _name(choice: LlmChoice, theme: UnnamedTheme, now: datetime) -> bool:
    """Name one theme; False where the model has to be asked once more."""
    texts = _texts(choice, theme)
    if not texts:
        return _store(choice, theme, {}, now)
    fenced = material.Fenced(secrets.token_hex(6), texts)
    asked = Question(label.INSTRUCTIONS, str(fenced), label.SCHEMA, label.MOST_TOKENS)
    if asked.tokens > service.left(choice, now):
        return False
    said = service.fetch(asked)
    found = _believed(said, texts) if isinstance(said, Said) else {}
    service.note(choice.organisation_id, said, now, kept=bool(found))
    return not service.has_failed(said) and _store(choice, theme, found, now)


def _texts(choice: LlmChoice, theme: UnnamedTheme) -> tuple[str, ...]:
    """Return the phrases and typical clauses that may leave."""
    if choice.by is None:
        return ()
    seen = scope(choice.by)
    examples = queries.examples(seen, theme.number, at_most=EXAMPLES)
    found = [material.hidden(", ".join(theme.name)).text]
    found += (material.hidden(one.words, reading.known(one.record)).text for one in examples)
    return tuple(text for text in found if not material.gives_orders(text))


def _believed(said: Said, texts: tuple[str, ...]) -> LocalText:
    try:
        return label.read(said.content, texts)
    except Problem:
        return {}


def _store(choice: LlmChoice, theme: UnnamedTheme, found: LocalText, now: datetime) -> bool:
    ThemeLabel.objects.update_or_create(
        organisation_id=choice.organisation_id,
        number=theme.number,
        defaults={
            "phrases_hash": _hash(theme),
            "label": found,
            "model": service.reading_name(),
            "at": now,
        },
    )
    return True


def labels(organisation_id: int) -> dict[int, ThemeLabel]:
    """Return by number the names that were believed."""
    rows = ThemeLabel.objects.filter(organisation_id=organisation_id).exclude(label={})
    return {row.number: row for row in rows}
