"""The addresses of the frame: the search, the choice of columns, how numbers are computed."""

from __future__ import annotations

from tests.web.urls_table import Row

ROWS = {
    "search": Row(),
    "lists-columns": Row(alice=lambda w: ["units"], post=True, shared=True),
    "methods": Row(),
}
