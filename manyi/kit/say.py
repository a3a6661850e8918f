"""Codes to sentences. Pure floors return codes with parameters; here they become words.

Sentences live in SENTENCES as English msgids and are translated through the one message
catalogue in `manyi/locale`, so that faces, reports and commands say the same thing.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from manyi.kit.sentences import SENTENCES

LOCALE_DIR = Path(__file__).parent.parent / "locale"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    name = language.replace("-", "_")
    return gettext.translation("django", LOCALE_DIR, languages=[name], fallback=True)


def translate(msgid: str, language: str) -> str:
    """Return the sentence `msgid` in `language` (English where there is no translation)."""
    return _catalogue(language).gettext(msgid)


def plural(singular: str, plural_id: str, n: int, language: str) -> str:
    return _catalogue(language).ngettext(singular, plural_id, n)


def say(code: str, language: str, params: Mapping[str, Any] | None = None) -> str:
    """Return the sentence of `code` with its parameters filled in.

    An unknown code is returned as it is, which a test forbids for codes that we raise.
    """
    sentence = translate(SENTENCES[code], language) if code in SENTENCES else code
    return sentence.format_map(_Blank(params or {}))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
