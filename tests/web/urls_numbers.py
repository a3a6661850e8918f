"""The addresses of the pages of numbers."""

from __future__ import annotations

from typing import Any

from manyi.metrics.actions import give_defaults, set_target
from tests.factories import NOW
from tests.web.urls_table import Row, World, code


def question(world: World) -> list[Any]:
    return [world.survey.code, "overall"]


def indicator(world: World) -> list[Any]:
    return [give_defaults(world.house.organisation)[0].pk]


def target(world: World) -> list[Any]:
    row, by = give_defaults(world.house.organisation)[0], world.house.alice
    return [row.pk, set_target(row, by=by, value=80.0, now=NOW).pk]


def indicator_code(world: World) -> list[Any]:
    return [give_defaults(world.house.organisation)[0].code]


def store(world: World) -> list[Any]:
    return [world.house.north_1.code]


def south(world: World) -> list[Any]:
    return [world.house.south_1.code]


ROWS = {
    "results": Row("metric.read"),
    "results-one": Row("metric.read", alice=code),
    "results-question": Row("metric.read", alice=question),
    "standings": Row("metric.read"),
    "standings-unit": Row("metric.read", alice=store, south=south),
    "indicators": Row("metric.read"),
    "indicators-new": Row("indicator.edit"),
    "indicators-usual": Row("indicator.edit", post=True),
    "indicators-one": Row("metric.read", alice=indicator),
    "indicators-edit": Row("indicator.edit", alice=indicator),
    "indicators-target": Row("indicator.edit", alice=indicator),
    "indicators-target-remove": Row("indicator.edit", alice=target, post=True),
    "indicators-remove": Row("indicator.edit", alice=indicator, post=True),
    "api/v1/indicators": Row(api=True),
    "api/v1/indicators/<code>": Row(api=True, alice=indicator_code, shared=True),
    "api/v1/indicators/<code>/value": Row(api=True, alice=indicator_code, shared=True),
}
