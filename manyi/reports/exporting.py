"""Feedback as a file: read in chunks by id, written row by row, counted at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, QuerySet
from django.utils import timezone

from manyi.accounts.models import Member, Organisation
from manyi.accounts.permissions import require, scope
from manyi.feedback import queries
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.wire import to_wire
from manyi.kit.localtext import pick
from manyi.kit.problems import Problem
from manyi.kit.say import say
from manyi.kit.selection import Scope, Selection
from manyi.questionnaire.conditions import is_na
from manyi.reports.coded import coded_study
from manyi.reports.columns import Asked, Face, Plan, codebook_entries, plan, score_key
from manyi.tabular.sav import write_sav
from manyi.tabular.triple_s import write_triple_s
from manyi.tabular.variables import Study
from manyi.tabular.writing import Column, Sheet, codebook, csv_lines, write_xlsx

CHUNK = 2_000
AT_ONCE = 5_000
FORMS = ("xlsx", "csv", "json", "sav", "sss")
Tick = Callable[[int], None]
Record = dict[str, Any]


class Exporting:
    """The records of one selection, as the member may see them, on their way into a file."""

    def __init__(self, by: Member, selection: Selection, *, language: str) -> None:
        require(by, "feedback.export")
        self.language = language
        self.scope: Scope = scope(by)
        self.zone = ZoneInfo(by.organisation.time_zone)
        self.organisation: Organisation = by.organisation
        # An external analyst exports scores, coded answers and the masked words.
        seen = replace(self.scope, sees_text=True)
        rows = queries.records(replace(selection, scope=seen))
        # Rows that arrive while the file is written are not part of it.
        last = FeedbackRecord.objects.aggregate(last=Max("pk"))["last"]
        self.rows: QuerySet[FeedbackRecord] = rows.filter(pk__lte=last or 0)

    def count(self) -> int:
        return self.rows.count()

    def plan(self) -> Plan:
        return plan(
            self.rows,
            language=self.language,
            sees_text=self.scope.sees_text,
            sees_personal=self.scope.sees_personal,
        )

    def wire(self) -> Iterator[Record]:
        """Yield every record as on the wire, without what the member may not see."""
        last = 0
        while chunk := list(self.rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
            last = chunk[-1].pk
            for record in to_wire(self.scope, chunk):
                yield self._allowed(record)

    def _allowed(self, record: Record) -> Record:
        if not self.scope.sees_personal:
            record = {**record, "customer": None, "source_ref": None}
        if self.scope.sees_text:
            return record
        answers = {code: _wordless(value) for code, value in record["answers"].items()}
        return {**record, "turns": [], "attributes": {}, "answers": answers}

    # --- forms

    def csv(self, tick: Tick = lambda n: None) -> Iterator[str]:
        """Yield a CSV with BOM line by line; answers stand as labels."""
        shown = self.plan()
        return csv_lines(shown.columns("labels"), self._table(shown, "labels", tick))

    def json_lines(self, tick: Tick = lambda n: None) -> Iterator[str]:
        """Yield one record a line, as the API sends it."""
        for n, record in enumerate(self.wire(), start=1):
            tick(n)
            yield json.dumps(record, ensure_ascii=False) + "\n"

    def write(self, path: Path, form: str, tick: Tick = lambda n: None) -> int:
        """Write the file and return how many records it holds: exactly those selected."""
        if form not in FORMS:
            raise Problem("export.format_unknown", value=form[:20])
        part = path.with_name(path.name + ".part")
        written = self._written(part, form, tick)
        total = self.count()
        if written != total:
            part.unlink(missing_ok=True)
            raise Problem("export.counts_differ", written=written, total=total)
        part.replace(path)
        return written

    def _written(self, path: Path, form: str, tick: Tick) -> int:
        if form in ("sav", "sss"):
            return (write_sav if form == "sav" else write_triple_s)(path, self._study(tick))
        return self._xlsx(path, tick) if form == "xlsx" else self._lines(path, form, tick)

    def _study(self, tick: Tick) -> Study:
        title = pick(self.organisation.name, self.language, self.organisation.code)
        now = timezone.now().astimezone(self.zone)
        return coded_study(
            self.rows, self.plan(), lambda: self._ticked_off(tick), title=title, now=now
        )

    def _ticked_off(self, tick: Tick) -> Iterator[Record]:
        """Yield the records with their moments on the organisation's clock."""
        count = _Counter(tick)
        for n, record in enumerate(self.wire(), start=1):
            count(n)
            yield {**record, "occurred_at": self._time(record)}

    def _lines(self, path: Path, form: str, tick: Tick) -> int:
        counted = _Counter(tick)
        lines = self.csv(counted) if form == "csv" else self.json_lines(counted)
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        return counted.n

    def _xlsx(self, path: Path, tick: Tick) -> int:
        """Write three sheets: labels, codes, and what the codes mean."""
        shown = self.plan()
        labels, codes = _Counter(tick), _Counter()
        name = {key: say(f"export.{key}", self.language) for key in ("data", "codes", "codebook")}
        heads = [say(f"export.book_{k}", self.language) for k in _BOOK]
        sheets = (
            Sheet(name["data"], shown.columns("labels"), self._table(shown, "labels", labels)),
            Sheet(name["codes"], shown.columns("codes"), self._table(shown, "codes", codes)),
            codebook(codebook_entries(shown), labels=heads, name=name["codebook"]),
        )
        write_xlsx(path, sheets)
        return labels.n if labels.n == codes.n else -1

    # --- rows

    def _table(self, shown: Plan, face: Face, tick: Tick) -> Iterator[Record]:
        for n, record in enumerate(self.wire(), start=1):
            tick(n)
            yield self._row(record, shown, face)

    def _row(self, record: Record, shown: Plan, face: Face) -> Record:
        customer = record["customer"] or {}
        unit = record["unit"]
        row = {
            **record,
            "occurred_at": self._time(record),
            "day": date.fromisoformat(record["day"]),
            "state": say(f"export.{record['state']}", self.language)
            if face == "labels"
            else record["state"],
            "unit_name": (shown.unit_names or {}).get(unit) if unit else None,
            "customer": customer.get("ref"),
            "customer_name": customer.get("name"),
            "turns": "\n".join(f"{t['role']}: {t['text']}" for t in record["turns"]),
        }
        for score in record["scores"]:
            row[score_key(score["item"], score["metric"])] = score["value"]
        for asked in shown.asked:
            row[f"q:{asked.key}"] = self._answer(asked, record["answers"], face)
        for name in shown.attributes:
            row[f"a:{name}"] = record["attributes"].get(name)
        return row

    def _time(self, record: Record) -> datetime | date:
        """Return the moment on the organisation's clock; of an anonymous answer the day alone."""
        if record["anonymous"]:
            return date.fromisoformat(record["day"])
        return datetime.fromisoformat(record["occurred_at"]).astimezone(self.zone)

    def _answer(self, asked: Asked, answers: Mapping[str, Any], face: Face) -> Any:
        value = answers.get(asked.question.code)
        if value is None:
            return None
        if asked.row:
            value = value.get(asked.row.code) if isinstance(value, Mapping) else None
        if is_na(value):
            return say("export.na", self.language) if face == "labels" else "na"
        if asked.choice:
            return self._ticked(asked, value, face)
        return self._said(asked, value, face)

    def _ticked(self, asked: Asked, value: Any, face: Face) -> Any:
        codes = value.get("codes", ()) if isinstance(value, Mapping) else value
        is_on = asked.choice is not None and asked.choice.code in codes
        if face == "codes":
            return "1" if is_on else "0"
        return pick(asked.choice.label, self.language) if is_on and asked.choice else None

    def _said(self, asked: Asked, value: Any, face: Face) -> Any:
        text = str(value.get("text", "")) if isinstance(value, Mapping) else ""
        code = value.get("code") if isinstance(value, Mapping) else value
        if isinstance(code, bool):
            return say(f"export.{'yes' if code else 'no'}", self.language)
        choice = asked.question.choice(code) if isinstance(code, str) else None
        if face == "codes" or choice is None:
            return code
        label = pick(choice.label, self.language, choice.code)
        return f"{label}: {text}" if text else label


_BOOK = ("column", "label", "code", "meaning", "note")


class _Counter:
    """Counts rows as they pass, and says so every hundred of them."""

    def __init__(self, tick: Tick = lambda n: None) -> None:
        self.n, self._tick = 0, tick

    def __call__(self, n: int) -> None:
        self.n = n
        if n % 100 == 0:
            self._tick(n)


def _wordless(value: Any) -> Any:
    """Drop what a respondent wrote beside a choice."""
    if isinstance(value, Mapping) and "code" in value:
        return value["code"]
    if isinstance(value, Mapping) and "codes" in value:
        return value["codes"]
    return value


__all__ = ["AT_ONCE", "FORMS", "Column", "Exporting"]
