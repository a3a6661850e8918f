"""The settings of a model outside the installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

TOKENS = 1_000_000


@dataclass(frozen=True)
class Llm:
    """A model outside the installation, and how much it may be asked."""

    url: str
    model: str
    key: str
    tokens: int


def read(values: Mapping[str, str]) -> Llm | None:
    """Return the outside model, or None; raises ValueError with a sentence to print."""
    url, model, key, tokens = (
        values.get(f"MANYI_LLM_{name}", "") for name in ("URL", "MODEL", "KEY", "TOKENS")
    )
    if not url:
        if model or key or tokens:
            raise ValueError("MANYI_LLM_MODEL, _KEY and _TOKENS are of no use without _URL.")
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or _has_more(parts):
        raise ValueError(
            "MANYI_LLM_URL has to look like https://host/v1, without a name, key or question mark."
        )
    if not model or len(model) > 100 or not model.isprintable():
        raise ValueError("MANYI_LLM_MODEL has to name the model, in at most 100 characters.")
    if not (key.isascii() and key.isprintable()):
        raise ValueError("MANYI_LLM_KEY holds characters that no header can carry.")
    if tokens and not (tokens.isascii() and tokens.isdecimal() and len(tokens) < 13):
        raise ValueError("MANYI_LLM_TOKENS has to be a whole number.")
    return Llm(url.rstrip("/"), model, key, int(tokens or TOKENS))


def _has_more(parts: SplitResult) -> bool:
    try:
        parts.port  # noqa: B018 - raises where it is none
    except ValueError:
        return True
    return bool(parts.username or parts.password or parts.query or parts.fragment)
