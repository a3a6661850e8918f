"""The second step of the log-in: its secrets are kept sealed."""

from __future__ import annotations

import os
from base64 import b32encode
from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.translation import gettext_lazy

from manyi.base import secrecy


class Adapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is not right, or it has run out."),
    }

    def encrypt(self, text: str) -> str:
        return secrecy.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        # With a lost key the secret would be the empty one, whose codes anybody can reckon.
        return secrecy.decrypt(encrypted_text) or b32encode(os.urandom(20)).decode()
