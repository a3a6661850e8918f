"""The OpenAPI document, held against the server: no 5xx and no answer that it does not tell of."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from manyi.accounts.actions import create_token
from manyi.config.wsgi import application
from tests.factories import NOW, house
from tests.voices import published, receive, voice

EXAMPLES = 200 if os.environ.get("TEST_LONG") else 20
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@schemathesis.serializer("application/x-ndjson")
def _ndjson(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture
def secret(transactional_db: Any) -> str:
    home = house()
    published(home.alice)
    receive(home.alice, voice(unit="N-001"))
    made = create_token(by=home.alice, name="fuzz", now=NOW)
    return made if isinstance(made, str) else next(x for x in made if isinstance(x, str))


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_the_document_is_kept(case: Any, secret: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, checks=CHECKS)


@pytest.mark.django_db
def test_the_document_is_openapi_3_1_and_names_every_promise(client: Any) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    told = {
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
    }
    promised = (
        "feedback.create feedback.bulk feedback.list feedback.get survey.create survey.update"
        " survey.publish response.submit response.list customer.upsert customer.list unit.list"
        " unit.upsert touchpoint.list touchpoint.upsert metric.query import.start import.status"
        " audit.list audit.verify"
    )
    assert set(promised.split()) <= told


def test_the_docs_page_brings_its_own_assets(client: Any) -> None:
    page = client.get("/api/v1/docs").content.decode()
    assert "swagger-ui-bundle.js" in page
    assert "//cdn" not in page
