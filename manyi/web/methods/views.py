"""How each number is computed, one anchor a method; what (i) beside a figure leads to."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from manyi.web.methods.texts import PARTS
from manyi.web.pages import page


@page()
def methods(request: Any) -> HttpResponseBase:
    return render(request, "web/methods/page.html", {"parts": PARTS})
