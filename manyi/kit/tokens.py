"""Tokens that carry their own proof: a public id and an HMAC over it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def derive(key: str, *parts: str) -> bytes:
    """Return 32 bytes that only the holder of `key` can make for these parts."""
    message = b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)
    return hmac.new(key.encode(), message, hashlib.sha256).digest()


def sign(key: str, purpose: str, subject: str) -> str:
    """Return `subject.signature`; `verify` with the same purpose gives the subject back."""
    proof = base64.urlsafe_b64encode(derive(key, purpose, subject)[:16]).rstrip(b"=").decode()
    return f"{subject}.{proof}"


def verify(key: str, purpose: str, token: str) -> str | None:
    """Return the subject of a token made by `sign`, or None for any other text."""
    subject, _, _ = token.rpartition(".")
    if not subject or not hmac.compare_digest(sign(key, purpose, subject).encode(), token.encode()):
        return None
    return subject


def new_secret(prefix: str = "") -> str:
    """Return a fresh secret of 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def new_code(length: int = 10) -> str:
    """Return a fresh public code of letters and digits that are not mistaken for each other.

    It always holds a letter, so it never looks like an id.
    """
    body = "".join(secrets.choice(_ALPHABET) for _ in range(length - 1))
    return secrets.choice(_ALPHABET[8:]) + body


def digest(secret: str) -> str:
    """Return what is stored of a secret with 128 bits or more: its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


def spoken_code(key: str, purpose: str) -> str:
    """Return a code of eight letters in two groups, always the same for a key and a purpose."""
    raw = derive(key, purpose)
    letters = [_ALPHABET[b % len(_ALPHABET)] for b in raw[:10]]
    return "".join(letters[:5]) + "-" + "".join(letters[5:])
