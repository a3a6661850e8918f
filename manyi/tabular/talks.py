"""Conversations in tables: written out in one cell, or a turn a row, which are then gathered.

A cell holds JSON (`[{"role", "at", "text"}]`, also under the names that chat systems use) or a
transcript: lines that begin with who speaks, and with the time where it is known.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from manyi.tabular import names
from manyi.tabular.header import is_blank
from manyi.tabular.limits import Cell
from manyi.tabular.moments import Order, as_date
from manyi.tabular.words import CUSTOMERS, SPEAKERS, fold

Turn = dict[str, str]
Row = tuple[int, list[Cell]]
_ROLE = (
    "role",
    "speaker",
    "sender",
    "author",
    "from",
    "角色",
    "说话人",
    "发言人",
    "发送人",
    "发送者",
)
_TEXT = ("text", "content", "message", "body", "utterance", "内容", "文本", "消息")
_AT = ("at", "time", "timestamp", "created_at", "sent_at", "date", "时间", "发送时间")
_LISTS = ("turns", "messages", "conversation", "dialog", "dialogue")
_CLOCK = (
    r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]+)?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
    r"(?:Z|[+-]\d\d:?\d\d)?"
)
_LINE = re.compile(
    rf"^\s*(?:[\[(（【]?(?P<before>{_CLOCK})[\])）】]?\s*)?"
    r"[\[【]?(?P<who>[^\s:：\[\](（)）【】][^\n:：\[\](（)）【】]{0,23}?)[\]】]?\s*"
    rf"(?:[\[(（【]?(?P<after>{_CLOCK})[\])）】]?\s*)?(?P<mark>[:：]|$)\s*(?P<said>.*)$"
)
_OF_DAY = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$")
YEARS = range(1990, 2101)
_NUMBERED = re.compile(r"[\s\d#_-]+$")
_LONGEST_LINE = 2_000
# What a side is called besides, and how it is written here.
_ALSO = {
    **dict.fromkeys(("support", "advisor", "adviser", "helpdesk", "rep", "csr"), "agent"),
    **dict.fromkeys(("consumer", "passenger", "shopper"), "customer"),
    **dict.fromkeys(("专员", "顾问", "店员", "工作人员", "客服人员", "客服专员"), "客服"),
    **dict.fromkeys(("消费者", "乘客", "旅客", "住客", "会员", "来访者"), "客户"),
}
# Who only manages the talk is on neither side.
_SIDED = SPEAKERS - {"system", "系统"}
_SERVES = re.compile(
    r"请问.{0,6}(可以|能)帮|为您(服务|查询|办理|处理|登记)|帮您(查|办|处理|登记|安排)|感谢您的(来电|咨询)"
    r"|how (can|may) i (help|assist)|thank you for (calling|contacting)",
    re.IGNORECASE,
)
_ROLE_CHARACTERS = 20
_LOOKED_AT = 400


def turns(cell: Cell) -> list[Turn]:
    """Return the turns that a cell holds, times as they are written; none where it is no talk."""
    return sided(as_written(cell))


def as_written(cell: Cell, known: frozenset[str] = frozenset()) -> list[Turn]:
    """Return the turns with the names that they bear; in lines those `known` begin turns too."""
    if not isinstance(cell, str):
        return []
    text = cell.strip()
    found = _from_json(text) if text[:1] in ("[", "{") else []
    return found or _from_lines(text, known)


def beginnings(cell: Cell) -> Counter[str]:
    """Return what lines of a cell begin with as names do, and how often."""
    lines = cell.splitlines() if isinstance(cell, str) else []
    found = (_LINE.match(line[:_LONGEST_LINE]) for line in lines)
    return Counter(m["who"].strip()[:_ROLE_CHARACTERS] for m in found if m and m["mark"])


def repeated(cell: Cell) -> list[str]:
    """Return the names of a talk without times or a known speaker: two, each of them twice."""
    found = [name for name, n in beginnings(cell).items() if n > 1]
    return found if len(found) > 1 else []


def sided(said: Sequence[Turn]) -> list[Turn]:
    """Return turns with a side for those who are known by name alone, where the others tell it.

    Beside the service a single name is the customer, and beside a customer all names serve;
    of two names the one who says what only a service says. Whom nothing tells keeps the name.
    """
    names = list(dict.fromkeys(one["role"] for one in said if not speaker(one["role"])))
    known = {one["role"] in CUSTOMERS for one in said if one["role"] in _SIDED}
    if not names or len(known) > 1:
        return list(said)
    sides = _sides(said, names, is_customer=next(iter(known), None))
    return [{**one, "role": sides.get(one["role"], one["role"])} for one in said]


def _sides(
    said: Sequence[Turn], names: Sequence[str], *, is_customer: bool | None
) -> dict[str, str]:
    if is_customer:
        return {name: _serving(name) for name in names}
    if is_customer is False:
        return {names[0]: _served(names[0])} if len(names) == 1 else {}
    serves = [n for n in names if any(_SERVES.search(t["text"]) for t in said if t["role"] == n)]
    if len(names) != 2 or len(serves) != 1:
        return {}
    return {n: _serving(n) if n in serves else _served(n) for n in names}


def _serving(name: str) -> str:
    return "agent" if name.isascii() else "客服"


def _served(name: str) -> str:
    return "customer" if name.isascii() else "客户"


def customer_said(cell: Cell) -> Cell:
    """Return the customer's turns of a cell that holds a conversation, a line each."""
    found = [one["text"] for one in turns(cell) if one["role"].lower() in CUSTOMERS]
    return "\n".join(found) or None


def timed(
    said: Sequence[Turn], day: datetime | None, zone: ZoneInfo, order: Order | None = None
) -> list[dict[str, Any]]:
    """Return turns with their moments, in the order of these where each turn has one.

    A time of day alone is one of `day`; where the first begins with 00 they are the minutes of a
    call that began at `day`. What cannot be read, or is no moment, is None.
    """
    is_call = bool(said) and bool(re.match(r"0?0:", said[0]["at"]))
    moments = [
        _moment(one["at"], day, zone, order, _of_call if is_call else _of_day) for one in said
    ]
    found = [
        {"role": one["role"], "at": at and at.isoformat(), "text": one["text"]}
        for one, at in zip(said, moments, strict=True)
    ]
    known = [at for at in moments if at is not None]
    if len(known) < len(found):
        return found
    return [one for _, one in sorted(zip(known, found, strict=True), key=lambda pair: pair[0])]


def begun(turns: Sequence[dict[str, Any]], before: str | None = None) -> str | None:
    """Return when a conversation began, where that is known and earlier than `before`."""
    known = [datetime.fromisoformat(one["at"]) for one in turns if one["at"]]
    if not known or (before is not None and min(known) >= datetime.fromisoformat(before)):
        return None
    return min(known).isoformat()


Clock = Callable[[datetime, list[int]], datetime]


def _moment(
    text: str, day: datetime | None, zone: ZoneInfo, order: Order | None, clock: Clock
) -> datetime | None:
    parts = _OF_DAY.match(text)
    if parts is None:
        found = as_date(text, order) if text else None
    else:
        found = clock(day, [int(part) for part in parts.groups() if part]) if day else None
    if found is None or found.year not in YEARS:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _of_day(day: datetime, parts: list[int]) -> datetime:
    hour, minute, second = (*parts, 0)[:3]
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(hours=hour, minutes=minute, seconds=second)


def _of_call(day: datetime, parts: list[int]) -> datetime:
    hour, minute, second = (0, *parts)[-3:]
    return day + timedelta(hours=hour, minutes=minute, seconds=second)


def is_talk(text: str) -> bool:
    """Whether a cell is a conversation: two turns at least."""
    begins = text.lstrip()[:1] in ("[", "{")
    return (begins or "\n" in text) and len(turns(text)) > 1


def speaker(text: str) -> str:
    """Return who speaks, as everybody writes it: "客服" for "客服小王", "agent" for "Agent 2"."""
    plain = fold(_NUMBERED.sub("", text))
    if plain in SPEAKERS or plain in _ALSO:
        return _ALSO.get(plain, plain)
    first = plain.split(" ", 1)[0]
    if first in SPEAKERS or first in _ALSO:
        return _ALSO.get(first, first)
    named = (word for word in SPEAKERS if not word.isascii() and len(plain) <= len(word) + 5)
    return next((word for word in named if plain.startswith(word)), "")


def _from_json(text: str) -> list[Turn]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if isinstance(given, dict):
        given = next((given[k] for k in _LISTS if isinstance(given.get(k), list)), None)
    if not isinstance(given, list):
        return []
    found = (_turn(one) for one in given if isinstance(one, dict))
    return [one for one in found if one is not None]


def _turn(one: dict[str, Any]) -> Turn | None:
    role, said = _first(one, _ROLE), _first(one, _TEXT)
    if not role or said is None:
        return None
    return {
        "role": speaker(role) or role[:_ROLE_CHARACTERS],
        "at": _first(one, _AT) or "",
        "text": said,
    }


def _first(one: dict[str, Any], keys: Sequence[str]) -> str | None:
    for key in keys:
        value = one.get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value).strip()
    return None


def _from_lines(text: str, known: frozenset[str]) -> list[Turn]:
    found: list[Turn] = []
    lines = text.splitlines()
    names = _names(lines, known)
    for line in lines:
        begun = _begun(line, names)
        if begun is not None:
            found.append(begun)
        elif found and line.strip():
            found[-1]["text"] = f"{found[-1]['text']}\n{line.strip()}".strip()
    return found


def _names(lines: Sequence[str], known: frozenset[str]) -> frozenset[str]:
    """Return the names that begin turns: they stand with a time or a known speaker, and again.

    What begins one line alone (“Order number: 88”) is a word of what is said.
    """
    seen: Counter[str] = Counter()
    timed: set[str] = set()
    for line in lines:
        match = _LINE.match(line[:_LONGEST_LINE])
        if match is None or not match["mark"]:
            continue
        who = match["who"].strip()
        seen[who] += 1
        if match["before"] or match["after"]:
            timed.add(who)
    if len(timed) > 1:
        return frozenset(timed) | known
    if not known and not any(speaker(who) for who in seen):
        return frozenset()
    return known | {who for who, n in seen.items() if n > 1}


def _begun(line: str, names: Collection[str] = ()) -> Turn | None:
    """Return the turn that begins in a line, or None where the line goes on with the last."""
    match = _LINE.match(line[:_LONGEST_LINE])
    if match is None:
        return None
    at = match["before"] or match["after"] or ""
    said_by = match["who"].strip()
    name = said_by[:_ROLE_CHARACTERS]
    who = speaker(said_by) or (name if said_by in names or name in names else "")
    if not who or not (match["mark"] or at):
        return None
    return {"role": who, "at": at, "text": (match["said"] + line[_LONGEST_LINE:]).strip()}


# --- a turn a row

_TALK = re.compile(
    r"^(会话|对话|通话|聊天|录音|工单)(编号|号|id|标识)?$"
    r"|^(conversation|chat|session|call|dialog|dialogue|talk|ticket|thread|case)( id| no| number)?$"
)
_SPOKEN = 0.6


def gathered(columns: Sequence[str], rows: Iterator[Row]) -> tuple[list[str], Iterator[Row]]:
    """Return a table with a conversation a row where each row is a turn; else as it is."""
    head = list(islice(rows, _LOOKED_AT))
    places = _places(columns, [cells for _, cells in head])
    whole = chain(head, rows)
    if places is None:
        return list(columns), whole
    talk, role, said = places
    kept = [i for i in range(len(columns)) if i != role]
    return [columns[i] for i in kept], _talks(whole, (talk, role, said), _time(columns), kept)


def _places(columns: Sequence[str], head: Sequence[Sequence[Cell]]) -> tuple[int, int, int] | None:
    """Return the columns of the conversation, of who speaks and of what is said."""
    seen = [[c[i] for c in head if i < len(c) and not is_blank(c[i])] for i in range(len(columns))]
    talk = next((i for i, n in enumerate(columns) if _TALK.search(names.tidy(n))), None)
    role = next((i for i, cells in enumerate(seen) if _are_speakers(cells)), None)
    said = next((i for i, n in enumerate(columns) if _says(n) and i not in (talk, role)), None)
    if talk is None or role is None or said is None or len(set(seen[talk])) == len(seen[talk]):
        return None
    return talk, role, said


def _says(name: str) -> bool:
    return names.tidy(name) in _TEXT or names.named_role(name) == "text"


def _are_speakers(cells: Sequence[Cell]) -> bool:
    """Whether a column tells who speaks: few words, most of them known, two sides at least."""
    known = [speaker(one) for one in cells if isinstance(one, str) and len(one) <= _ROLE_CHARACTERS]
    told = [one for one in known if one]
    return len(told) > _SPOKEN * len(cells) and len(set(told)) > 1


def _time(columns: Sequence[str]) -> int | None:
    return next((i for i, n in enumerate(columns) if names.named_role(n) == "occurred_at"), None)


def _talks(
    rows: Iterator[Row], places: tuple[int, int, int], time: int | None, kept: Sequence[int]
) -> Iterator[Row]:
    """Yield the conversations in the order of their first turns, wherever the others stand."""
    talk, role, said = places
    first: dict[Any, Row] = {}
    turns: dict[Any, list[Turn]] = {}
    for number, cells in rows:
        full = [*cells, *[None] * (max(*places, time or 0, *kept) + 1 - len(cells))]
        # A turn of no conversation is one of its own.
        key = ("", number) if is_blank(full[talk]) else full[talk]
        known = first.setdefault(key, (number, full))[1]
        known[:] = [b if a is None else a for a, b in zip(known, full, strict=True)]
        turns.setdefault(key, []).append(_row_turn(full, role, said, time))
    for key, (number, cells) in first.items():
        cells[said] = json.dumps(turns.pop(key), ensure_ascii=False)
        yield number, [cells[i] for i in kept]


def _row_turn(cells: Sequence[Cell], role: int, said: int, time: int | None) -> Turn:
    who, at = str(cells[role] or ""), None if time is None else cells[time]
    return {
        "role": speaker(who) or who[:_ROLE_CHARACTERS] or "?",
        "at": "" if at is None else str(at),
        "text": "" if cells[said] is None else str(cells[said]),
    }
