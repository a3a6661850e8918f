"""The reference has a heading for everything that is promised, and its examples run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from manyi.accounts.actions import create_token
from manyi.base.env import NAMES
from manyi.cli.main import COMMANDS
from manyi.stats.scoring import METRICS
from tests.factories import NOW, house

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
EXAMPLE = re.compile(r"```(http|ndjson)\n(GET|POST|PUT|DELETE) (\S+)\n(.*?)```", re.DOTALL)
# They need an outside model or texts that were read: tests/api/test_outside.py runs them.
ELSEWHERE = re.compile(r"(PUT|POST) /text/(outside-model|summaries|checks)|GET /text/summaries/")
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#]+)")


def headings(name: str) -> set[str]:
    """Return the codes that head a part of a page of the reference."""
    text = (REFERENCE / name).read_text("utf-8")
    return {code for line in text.splitlines() for code in re.findall(r"^#+ `([^`]+)`", line)}


def test_every_setting_has_its_heading():
    assert headings("settings.md") == set(NAMES)


def test_every_command_has_its_heading():
    assert headings("command.md") == {f"manyi {name}" for name in COMMANDS}


def test_every_metric_has_its_heading():
    assert set(METRICS) <= headings("metrics.md")


def test_every_operation_has_its_heading():
    from manyi.api.urls import api

    paths = api.get_openapi_schema()["paths"].values()
    assert headings("api.md") == {one["operationId"] for path in paths for one in path.values()}


def test_every_link_of_the_docs_leads_somewhere():
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in (ROOT / "docs").rglob("*.md")
        for link in LINK.findall(page.read_text("utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


@pytest.mark.django_db
@pytest.mark.db
def test_the_examples_of_the_api_run(settings: Any, tmp_path: Path):
    settings.DATA = tmp_path
    made = create_token(by=house().alice, name="docs", now=NOW)
    client = Client(headers={"Authorization": f"Bearer {made[1]}"})
    known: dict[str, str] = {}
    examples = EXAMPLE.findall((REFERENCE / "api.md").read_text("utf-8"))
    assert len(examples) > 20
    for kind, method, path, body in examples:
        if ELSEWHERE.match(f"{method} {path}"):
            continue
        for name, value in known.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path, path
        if (method, path) == ("POST", "/backups"):
            continue  # it needs committed rows; tests/upkeep makes one
        answer = sent(client, kind, method, path, body)
        assert answer.status_code in {200, 201, 202}, f"{method} {path}: {answer.content.decode()}"
        remember(known, path, answer.json())


def sent(client: Client, kind: str, method: str, path: str, body: str) -> Any:
    content = "application/x-ndjson" if kind == "ndjson" else "application/json"
    if kind == "http" and body.strip():
        json.loads(body)
    return client.generic(method, f"/api/v1{path}", body.strip(), content_type=content)


def remember(known: dict[str, str], path: str, said: dict[str, Any]) -> None:
    """Keep the ids that later examples stand for."""
    if said.get("rejected"):
        raise AssertionError(said)
    names = {"/feedback": "record", "/surveys": "survey", "/customers": "customer"}
    names["/privacy/erase"] = "erasure"
    if path in names and "id" in said:
        known.setdefault(names[path], str(said["id"]))
    if path.endswith("/publish"):
        known["survey"] = said["code"]
