"""Reads a reference case: its data, what another hand computed, and how close to be."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[2].parent / "shared"))


class Case:
    """One folder of reference numbers; `near` compares within its own tolerance."""

    def __init__(self, name: str) -> None:
        self.folder = SHARED / "oracles" / name
        if not self.folder.is_dir():
            if os.environ.get("CI") == "true":
                pytest.fail(f"the reference numbers {name} are missing: set SHARED_DIR")
            pytest.skip(f"no reference numbers {name} here: set SHARED_DIR")
        self.all: dict[str, Any] = json.loads((self.folder / "expected.json").read_text())
        self.expected = self.all["expected"]
        self.spec = self.all.get("spec", {})
        self.tolerance = self.all.get("tolerance", {})

    def rows(self, name: str = "data.csv") -> list[dict[str, str]]:
        with (self.folder / name).open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    def column(self, column: str, name: str = "data.csv") -> np.ndarray:
        """The numbers of a column; blank and NA are NaN."""
        cells = [row[column].strip() for row in self.rows(name)]
        return np.array([float(c) if c not in ("", "NA") else np.nan for c in cells])

    def labels(self, column: str, name: str = "data.csv") -> np.ndarray:
        return np.array([row[column] for row in self.rows(name)])

    def matrix(self, columns: list[str], name: str = "data.csv") -> np.ndarray:
        return np.column_stack([self.column(column, name) for column in columns])

    def near(
        self, found: Any, expected: Any, rtol: float | None = None, atol: float | None = None
    ) -> None:
        np.testing.assert_allclose(
            np.asarray(found, float),
            np.asarray(expected, float),
            rtol=self.tolerance.get("rtol", 1e-6) if rtol is None else rtol,
            atol=self.tolerance.get("atol", 1e-9) if atol is None else atol,
        )
