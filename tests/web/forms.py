"""What a page's forms hold, read from its HTML as a browser would; and what hostile people send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

NASTY: tuple[str, ...] = (
    "\0",
    "a\0b",
    "9" * 5_000,
    "99999999999999999999",
    "-1",
    "1e999",
    "NaN",
    "-Infinity",
    "²",
    "٣",
    "9999-12-31T23:59",
    "0001-01-01",
    "9999-12-31",
    "0000-00-00",
    "\u202egnp.exe",
    "\udcff",
    "🧨" * 300,
    "x" * 100_000,
    "[]",
    "{}",
    "[" * 5_000,
    "%",
    "' OR 1=1 --",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}{% debug %}",
    "=HYPERLINK(1)",
    "javascript:alert(1)",
    " ",
    "",
)


@dataclass
class Form:
    """One form: where it goes, how, and its fields with what a browser would send unchanged."""

    action: str
    method: str = "get"
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, ...]:
        return (self.method, self.action, *sorted(self.fields), *sorted(self.files))


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.forms, self.named = path, [], {}  # type: ignore[var-annotated]
        self.form: Form | None = None
        self.select: tuple[str, list[str], list[str]] | None = None
        self.area: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        at = dict(attrs)
        posts = at.get("hx-post")
        if posts and tag != "form":
            self.forms.append(Form(urljoin(self.path, posts), "post"))
        if tag == "form":
            action = posts or at.get("action") or self.path
            method = "post" if posts else (at.get("method") or "get").lower()
            self.form = Form(urljoin(self.path, action), method)
            self.forms.append(self.form)
            if at.get("id"):
                self.named[at["id"]] = self.form
        elif tag in ("input", "button"):
            self._input(at)
        elif tag == "select" and at.get("name"):
            self.select = (at["name"], [], [])
        elif tag == "option" and self.select:
            self.select[1 + ("selected" in at)].append(at.get("value") or "")
        elif tag == "textarea" and at.get("name"):
            self.area = (at["name"], [])
        if at.get("formaction"):
            self.forms.append(Form(urljoin(self.path, at["formaction"]), "post"))

    def _input(self, at: dict[str, Any]) -> None:
        name, kind = at.get("name"), at.get("type", "text")
        form = self.named.get(at.get("form"), self.form)
        if not name or form is None:
            return
        if kind == "file":
            form.files.append(name)
        elif kind in ("checkbox", "radio") and "checked" not in at:
            form.fields.setdefault(name, [])
        else:
            form.fields.setdefault(name, []).append(at.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self.area:
            self.area[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select" and self.select:
            name, every, chosen = self.select
            if self.form is not None:
                self.form.fields[name] = chosen or every[:1]
            self.select = None
        elif tag == "textarea" and self.area:
            name, words = self.area
            if self.form is not None:
                self.form.fields[name] = ["".join(words).strip()]
            self.area = None


def forms_of(html: str, path: str) -> list[Form]:
    """Return the forms of a page."""
    reader = _Reader(path)
    reader.feed(html)
    return reader.forms
