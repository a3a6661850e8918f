"""People's own texts in several languages: a mapping from BCP 47 tag to text."""

from __future__ import annotations

from collections.abc import Mapping

LocalText = Mapping[str, str]

LANGUAGES = ("zh-Hans", "en")


def pick(text: LocalText | str | None, language: str, fallback: str = "") -> str:
    """Return the text in `language`, else in a related or any other language, else `fallback`.

    `zh-CN` and `zh` find `zh-Hans`; a plain string is its own answer in every language.
    """
    if not text:
        return fallback
    if isinstance(text, str):
        return text
    for tag in (language, *_relatives(language, text)):
        if text.get(tag):
            return text[tag]
    return next((value for value in text.values() if value), fallback)


def _relatives(language: str, text: LocalText) -> list[str]:
    primary = language.split("-")[0].lower()
    return [tag for tag in text if tag.split("-")[0].lower() == primary]


def local(value: LocalText | str, language: str) -> dict[str, str]:
    """Return `value` as a LocalText: a plain string becomes the text in `language`."""
    if isinstance(value, str):
        return {language: value} if value else {}
    return {tag: str(words) for tag, words in value.items() if words}
