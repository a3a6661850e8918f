"""Personal fields at rest: encrypted, and found again through keyed hashes (blind indexes).

AES-256-GCM with a random nonce: a tenth of Fernet's cost, which an import pays per field.
Old keys (SECRET_KEY_FALLBACKS) still open and still find what they sealed.
"""

from __future__ import annotations

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from manyi.kit import tokens

_MARK = "2"  # the first character names the way of sealing, the next four the key
_FORMER = "1"  # named no key
_NONCE = 12


def _keys() -> list[str]:
    return [settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", [])]


@cache
def _ciphers() -> tuple[AESGCM, ...]:
    return tuple(AESGCM(tokens.derive(key, "fields")) for key in _keys())


@cache
def marks() -> tuple[str, ...]:
    """Return how a sealed text begins, by key, the newest key's first."""
    return tuple(_MARK + tokens.derive(key, "mark").hex()[:4] for key in _keys())


def encrypt(text: str) -> str:
    """Return `text` sealed with the newest key; the empty text stays empty."""
    if not text:
        return ""
    nonce = os.urandom(_NONCE)
    sealed = nonce + _ciphers()[0].encrypt(nonce, text.encode(), None)
    return marks()[0] + urlsafe_b64encode(sealed).decode()


def decrypt(sealed: str) -> str:
    """Return what was encrypted; a text sealed with a lost key comes back as "" ."""
    if not sealed.startswith((_MARK, _FORMER)):
        return ""
    try:
        raw = urlsafe_b64decode(sealed[1:] if sealed[0] == _FORMER else sealed[5:])
    except ValueError:
        return ""
    for mark, cipher in zip(marks(), _ciphers(), strict=True):
        if sealed[0] != _FORMER and not sealed.startswith(mark):
            continue
        try:
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
        except (InvalidTag, ValueError):
            continue
    return ""


@cache
def _blind_keys() -> tuple[bytes, ...]:
    return tuple(tokens.derive(key, "blind") for key in _keys())


def blind(kind: str, value: str) -> str:
    """Return the keyed hash under which `value` is stored: 32 hex digits."""
    return _hash(_blind_keys()[0], kind, value)


def blinds(kind: str, value: str) -> list[str]:
    """Return every hash under which `value` may lie, the newest key's first."""
    return [_hash(key, kind, value) for key in _blind_keys()]


def _hash(key: bytes, kind: str, value: str) -> str:
    return hmac.digest(key, f"{kind}\x00{value}".encode(), "sha256")[:16].hex()


def forget_keys() -> None:
    """Read the keys from the settings again at the next use."""
    marks.cache_clear()
    _ciphers.cache_clear()
    _blind_keys.cache_clear()
