"""One sentence tried on the outside model, with all that leaves and all that comes back shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.connectors.llm import choosing, reading, service
from manyi.feedback import taxonomy
from manyi.kit.problems import Problem
from manyi.outbound.chat import Said
from manyi.text.findings import Finding
from manyi.text.outside import material
from manyi.text.outside import reading as read_outside

SECONDS = 20.0


@dataclass(frozen=True)
class Trial:
    """What was sent (nothing where `code` says why), what came back, and what is believed."""

    text: str
    masked: str
    code: str = ""
    content: str = ""
    polarity: str = ""
    intents: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    dropped: int = 0


def try_out(*, by: Member, text: str, now: datetime) -> Trial:
    """Have a text read as a customer's would be; nothing of it is stored."""
    require(by, "organisation.edit")
    if service.model() is None:
        raise Problem("llm.none")
    given = text.strip()[: material.LONGEST]
    masked = material.hidden(given)
    if not given or material.gives_orders(given):
        return Trial(given, masked.text, code="llm.held_back")
    mine = taxonomy.current(by.organisation_id).taxonomy
    question = reading.question(masked, mine)
    if question.tokens > service.left(choosing.state(by.organisation_id), now):
        raise Problem("llm.tokens_used")
    said = service.fetch(question, seconds=SECONDS)
    if not isinstance(said, Said):
        service.note(by.organisation_id, said, now)
        return Trial(given, masked.text, code=said.code)
    try:
        found = read_outside.read(said.content, masked, mine)
    except Problem as problem:
        service.note(by.organisation_id, said, now)
        return Trial(given, masked.text, code=problem.code, content=said.content[:2000])
    service.note(by.organisation_id, said, now, kept=True)
    told = (found.polarity, found.intents, found.findings, found.dropped)
    return Trial(given, masked.text, "", said.content[:2000], *told)
