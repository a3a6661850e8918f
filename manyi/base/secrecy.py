"""Personal fields at rest: encrypted, and found again through keyed hashes (blind indexes)."""

from __future__ import annotations

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from manyi.kit import tokens


@cache
def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", [])]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(tokens.derive(k, "fields"))) for k in keys])


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode() if text else ""


def decrypt(sealed: str) -> str:
    """Return what was encrypted; a text sealed with a lost key comes back as "" ."""
    if not sealed:
        return ""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


@cache
def _blind_key() -> str:
    return tokens.derive(settings.SECRET_KEY, "blind").hex()


def blind(kind: str, value: str) -> str:
    """Return the keyed hash under which `value` is found: 32 hex digits."""
    return tokens.derive(_blind_key(), kind, value)[:16].hex()
