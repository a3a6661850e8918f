"""Texts as they leave the installation: masked, fenced in, and only where they give no orders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from manyi.kit.problems import Problem
from manyi.text.findings import Place
from manyi.text.personal import NAME, Masked, Span, mask

LONGEST = 4_000
# A name of one sign would mask every other word.
_LEAST_NAME = 2
_ORDERS = re.compile(
    r"(?:ignore|disregard|forget|override|bypass)\W{1,3}(?:\w+\W{1,3}){0,4}"
    r"(?:instruction|prompt|rule|direction|guideline|system|above|previous)"
    r"|(?:system|developer)\s*(?:prompt|message)|prompt\s*injection|jail\s*break"
    r"|you\s+are\s+now\b|act\s+as\s+(?:an?\s+)?(?:ai|assistant|model|system|admin)"
    r"|as\s+an?\s+(?:ai|language\s+model)|(?:respond|reply|answer|output)\s+(?:only\s+)?(?:with|in)\s"
    r"|<\|?/?(?:im_start|im_end|system|assistant|user|inst)\b|\[/?INST\]|#{2,}\s*(?:system|instruction)"
    r"|[\"'“”]?(?:aspects?|polarity|findings|intents?|sentences|role)[\"'“”]\s*[:：]"
    r"|(?:忽略|无视|忘记|忘掉|不要理会|不用管|跳过|覆盖).{0,12}(?:指令|指示|提示|命令|规则|要求|设定|说明|以上|上面|之前|前面)"
    r"|系统提示|提示词|系统消息|开发者模式|越狱|你现在是|你是一个(?:AI|人工智能|助手|模型)|扮演.{0,8}(?:角色|助手|AI|模型)"
    r"|(?:输出|返回|打印|回复|告诉我).{0,8}(?:JSON|json|提示|指令|密钥|口令|密码)"
    r"|(?:把|将).{0,10}(?:评价|反馈|评论|文本|文字|结果).{0,8}(?:标为|标成|判为|判成|算作|改为|改成|视为)",
    re.I,
)


@dataclass(frozen=True)
class Fenced:
    """Masked texts between marks that no text can know, and so cannot close."""

    mark: str
    texts: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(
            f"<<{self.mark} {i}>>\n{_unmarked(text, self.mark)}\n<</{self.mark} {i}>>"
            for i, text in enumerate(self.texts, 1)
        )


def _unmarked(text: str, mark: str) -> str:
    return text.replace(mark, "").replace("<<", "‹‹").replace(">>", "››")


def gives_orders(text: str) -> bool:
    """Whether a text speaks to a machine: such a one is not sent; our own model reads it alone."""
    return bool(_ORDERS.search(text))


def hidden(text: str, known: Iterable[str] = ()) -> Masked:
    """Return a text masked as for any outsider, and `known` names of its people too."""
    found = mask(text)
    spans = list(found.spans)
    for name in sorted({n.strip() for n in known}, key=len, reverse=True):
        if len(name) >= _LEAST_NAME:
            spans += (
                Span(m.start(), m.end(), NAME) for m in re.finditer(re.escape(name), text, re.I)
            )
    return _masked(text, _apart(spans))


def _apart(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return spans joined where they overlap, in order."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if joined and span.start < joined[-1].end:
            last = joined[-1]
            joined[-1] = Span(last.start, max(last.end, span.end), last.kind)
        else:
            joined.append(span)
    return tuple(joined)


def _masked(text: str, spans: tuple[Span, ...]) -> Masked:
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], f"[{span.kind}]"]
        at = span.end
    return Masked("".join([*parts, text[at:]]), spans)


def origin(masked: Masked, place: Place) -> Place:
    """Return where a place of the masked text lies in the text as it was written."""
    return _start(masked, place[0]), _end(masked, place[1])


def _start(masked: Masked, at: int) -> int:
    moved = 0
    for span in masked.spans:
        first = span.start + moved
        if at < first:
            break
        if at < first + len(span.kind) + 2:
            return span.start
        moved += len(span.kind) + 2 - (span.end - span.start)
    return at - moved


def _end(masked: Masked, at: int) -> int:
    moved = 0
    for span in masked.spans:
        first = span.start + moved
        if at <= first:
            break
        if at <= first + len(span.kind) + 2:
            return span.end
        moved += len(span.kind) + 2 - (span.end - span.start)
    return at - moved


def document(content: str, most: int = 60_000) -> dict[str, Any]:
    """Return the JSON object that an answer is; raises Problem where it is none."""
    text = content.strip()
    if text.startswith("```"):
        text = text.partition("\n")[2].rstrip().removesuffix("```")
    try:
        found = json.loads(text) if len(text) <= most else None
        json.dumps(found, ensure_ascii=False).encode()  # no halves of signs: nothing stores them
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Problem("llm.invalid")
    return found


def rows(found: dict[str, Any], name: str, most: int) -> list[dict[str, Any]]:
    """Return the objects of a list; raises Problem where it is no list."""
    given = found.get(name)
    if not isinstance(given, list):
        raise Problem("llm.invalid")
    return [row for row in given[:most] if isinstance(row, dict)]
