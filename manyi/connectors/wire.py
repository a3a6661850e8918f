"""An import as the API and the command line send it."""

from __future__ import annotations

from typing import Any

from manyi.connectors.models import Import, ImportProblem
from manyi.kit.say import say


def import_job(row: Import, language: str) -> dict[str, Any]:
    """Return an import with its counts, its progress and why it failed, if it did."""
    return {
        "id": str(row.pk),
        "what": row.what,
        "file_name": row.file_name,
        "source": row.mapping.get("source") if row.what == Import.What.FEEDBACK else None,
        "state": row.state,
        "stage": row.stage,
        "dry_run": row.is_dry_run,
        "progress": row.progress,
        "total": row.total,
        "created": row.created,
        "updated": row.updated,
        "unchanged": row.unchanged,
        "rejected": row.rejected,
        "problem": problem(row, language),
        "columns": row.columns,
        "mapping": {k: v for k, v in row.mapping.items() if k != "given"},
        "created_at": row.created_at.isoformat(),
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
    }


def problem(row: Import, language: str) -> dict[str, str] | None:
    """Return why the whole import failed, in words."""
    if not row.problem:
        return None
    said = [say(row.problem["code"], language, row.problem["params"])]
    said += [say(e["code"], language, e["params"]) for e in row.problem["errors"]]
    return {"code": row.problem["code"], "detail": " ".join(dict.fromkeys(said))}


def row_problem(row: ImportProblem, language: str) -> dict[str, Any]:
    return {
        "line": row.line,
        "column": row.column,
        "value": row.value,
        "code": row.code,
        "detail": say(row.code, language, row.params),
    }
