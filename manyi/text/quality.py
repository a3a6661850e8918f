"""What makes a text worth less as an answer: empty, mashed keys, advertising, copies.

Flags are codes; a text may carry several, and none of them removes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from manyi.text import duplicates, features, lexicon, store
from manyi.text.language import Languages
from manyi.text.normal import (
    DIGIT,
    EMOJI,
    HAN,
    HANGUL,
    KANA,
    LATIN,
    LETTER,
    LONGEST,
    PUNCT,
    Batch,
)

EMPTY: Final = "empty"
EMOJI_ONLY: Final = "emoji_only"
NO_WORDS: Final = "no_words"
TOO_SHORT: Final = "too_short"
REPETITIVE: Final = "repetitive"
GIBBERISH: Final = "gibberish"
ADVERTISING: Final = "advertising"
MIXED_SCRIPTS: Final = "mixed_scripts"
HIDDEN_CHARACTERS: Final = "hidden_characters"
TRUNCATED: Final = "truncated"
COPIED: Final = "copied"
FLAGS = (
    EMPTY,
    EMOJI_ONLY,
    NO_WORDS,
    TOO_SHORT,
    REPETITIVE,
    GIBBERISH,
    ADVERTISING,
    MIXED_SCRIPTS,
    HIDDEN_CHARACTERS,
    TRUNCATED,
    COPIED,
)
# Findings from a text with one of these say nothing about the customer's experience.
WORTHLESS = frozenset({EMPTY, NO_WORDS, GIBBERISH, ADVERTISING})

_SEEN_BITS = 21
_PAIRS_TO_JUDGE = 4
_UNSEEN_SHARE = 0.72
_ODD_LATIN_SHARE = 0.6
_WAY_IN = re.compile(
    r"https?://|www\.|[a-z0-9-]{2,40}\.(?:com|cn|net|top|shop|vip|xyz)\b|t\.me/"
    r"|(?:加|➕|\+)\s?(?:我|v|V|微|薇|威|vx|wx|qq|QQ|群)|(?:微信|薇信|威信|vx|VX|wx|QQ|扣扣|企鹅)\s?(?:号|群)?\s?[:：是]?\s?[A-Za-z0-9_-]{5,20}"
    r"|(?<!\d)1[3-9]\d{9}(?!\d)",
)
_OFFERS = (
    *("代开发票", "代开", "刷单", "兼职", "日结", "日赚", "月入", "赚钱", "高薪", "贷款", "秒批"),
    *("无抵押", "低息", "套现", "提额", "博彩", "彩票", "棋牌", "下注", "返利", "优惠券群", "领券"),
    *("免费领取", "扫码", "点击链接", "加微信", "加群", "进群", "私聊", "招代理", "代理加盟"),
    *("招商加盟", "批发", "厂家直销", "高仿", "一手货源", "包邮到家", "办证", "包过", "代写"),
    *("代购", "引流", "推广", "副业", "投资", "稳赚", "股票群", "荐股", "客服微信", "了解一下"),
    *("work from home", "click here", "free gift", "earn money", "buy now", "casino", "loan"),
    *("limited offer", "visit our", "crypto", "bitcoin", "discount code", "promo code"),
)


def flags(
    texts: Sequence[str], found: Batch, grams: features.Grams, spoken: Languages
) -> list[tuple[str, ...]]:
    """Return the flags of each text, in the order of FLAGS; COPIED is `copied`'s to say."""
    marks = {
        **_by_counts(texts, spoken.counts),
        REPETITIVE: _repetitive(texts),
        GIBBERISH: _gibberish(found, grams) | _mashed(texts),
        ADVERTISING: _advertising(texts, found, grams),
        TRUNCATED: np.array([len(t) > LONGEST for t in texts], dtype=bool),
    }
    names = [name for name in FLAGS if name in marks]
    table = np.stack([marks[name] for name in names], axis=1)
    result: list[tuple[str, ...]] = [()] * len(texts)
    for i in np.flatnonzero(table.any(axis=1)):
        result[i] = tuple(name for name, mark in zip(names, table[i], strict=True) if mark)
    return result


def copied(texts: Sequence[str]) -> list[bool]:
    """Say of each text whether another of these is the same or nearly so."""
    marked = {i for group in duplicates.near_duplicates(texts) for i in group}
    return [i in marked for i in range(len(texts))]


def _by_counts(texts: Sequence[str], counts: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
    letters = counts[:, [HAN, LATIN, KANA, HANGUL, LETTER]].sum(axis=1)
    content = letters + counts[:, [DIGIT, EMOJI, PUNCT]].sum(axis=1)
    scripts = (counts[:, [HAN, LATIN, KANA, HANGUL, LETTER]] > 0).sum(axis=1)
    return {
        EMPTY: content == 0,
        EMOJI_ONLY: (letters == 0) & (counts[:, EMOJI] > 0) & (counts[:, DIGIT] == 0),
        NO_WORDS: (letters == 0) & (counts[:, EMOJI] == 0) & (content > 0),
        TOO_SHORT: (letters == 1) & (content < 3),
        MIXED_SCRIPTS: (scripts >= 4)
        | ((counts[:, LATIN] > 0) & (counts[:, LETTER] * 4 > letters)),
        HIDDEN_CHARACTERS: np.array([_hides(t) for t in texts], dtype=bool),
    }


# Bidirectional overrides and control characters; joiners inside emoji are ordinary.
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")


def _hides(text: str) -> bool:
    return _HIDDEN.search(text, 0, LONGEST) is not None


def _repetitive(texts: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([len(t) >= 8 and _few_kinds(t[:LONGEST]) for t in texts], dtype=bool)


def _few_kinds(text: str) -> bool:
    """Few different characters, or one short piece again and again."""
    kinds = len(set(text))
    if kinds * 6 <= min(len(text), 120):
        return True
    return kinds * 3 <= len(text) <= 2_000 and kinds < 30 and _is_cycle(text)


def _is_cycle(text: str) -> bool:
    at = (text + text).find(text, 1)
    return at * 3 <= len(text)


def _gibberish(found: Batch, grams: features.Grams) -> NDArray[np.bool_]:
    """Most neighbouring characters never stood together in the texts learnt from."""
    size = grams.last - grams.first + 1
    head, tail = found.kinds[grams.first], found.kinds[grams.last]
    han = (size == 2) & (head == HAN) & (tail == HAN)
    latin = (size == 3) & (head == LATIN) & (tail == LATIN)
    latin &= found.kinds[np.maximum(grams.last - 1, 0)] == LATIN
    seen = _seen()
    bad = np.zeros(len(found), dtype=bool)
    for chosen, limit in ((han, _UNSEEN_SHARE), (latin, _ODD_LATIN_SHARE)):
        places = np.flatnonzero(chosen)
        owner = found.owner[grams.first[places]]
        unseen = ~seen[grams.hashes[places] >> np.uint32(32 - _SEEN_BITS)]
        total = np.bincount(owner, minlength=len(found))
        odd = np.bincount(owner, unseen, minlength=len(found))
        bad |= (total >= _PAIRS_TO_JUDGE) & (odd > limit * total)
    return bad


# Runs along the rows of a keyboard, which people type often enough to have been seen.
_KEYS = re.compile("(?:qwer|wert|erty|rtyu|tyui|asdf|sdfg|dfgh|fghj|ghjk|zxcv|xcvb|cvbn)", re.I)


def _mashed(texts: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([len(_KEYS.findall(t[:200])) * 8 >= len(t) > 3 for t in texts], dtype=bool)


@cache
def _seen() -> NDArray[np.bool_]:
    packed = store.arrays(store.TIER_A, "seen.npz")["bits"]
    return np.unpackbits(packed).astype(bool)


@cache
def _offers() -> lexicon.Lexicon:
    return lexicon.Lexicon.of(_OFFERS)


def _advertising(texts: Sequence[str], found: Batch, grams: features.Grams) -> NDArray[np.bool_]:
    """A way to get in touch together with an offer, or three offers."""
    hits = lexicon.find_all(found, grams, _offers())
    offers = np.bincount(found.owner[hits.first], minlength=len(found))
    way = np.zeros(len(found), dtype=bool)
    for i in np.flatnonzero((offers > 0) & (offers < 3)).tolist():
        way[i] = _WAY_IN.search(texts[i], 0, LONGEST) is not None
    return (offers >= 3) | way
