"""Which language a visitor reads: of the survey's texts, and of our own words around them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation.trans_real import parse_accept_lang_header

NAMES = {
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "en": "English",
    "ja": "日本語",
    "ko": "한국어",
}


def choose(languages: tuple[str, ...], asked: str, accepted: str) -> str:
    """Return the survey language for `?lang=`, else for Accept-Language, else the first."""
    wanted = [asked] if asked else []
    wanted += [tag for tag, _ in parse_accept_lang_header(accepted[:500].lower())]
    return next((found for tag in wanted if (found := match(languages, tag))), languages[0])


def match(languages: Iterable[str], tag: str) -> str | None:
    """Return the language that is `tag`, or shares its first part: zh-CN finds zh-Hans."""
    exact = {one.lower(): one for one in languages}
    related = {one.lower().split("-")[0]: one for one in reversed(list(exact.values()))}
    return exact.get(tag.lower()) or related.get(tag.lower().split("-")[0])


def ours(language: str) -> str:
    """Return which of our catalogues goes with a survey language."""
    return "zh-Hans" if language.lower().split("-")[0] == "zh" else "en"


def name(language: str) -> str:
    return NAMES.get(language, language)
