"""How many answers are needed: what is asked for, read and checked, and the plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from manyi.kit.problems import FieldProblem, Problem
from manyi.stats.effect import planner
from manyi.stats.effect.planner import Plan


@dataclass(frozen=True)
class Number:
    """A number that a plan needs: its default and the values that make sense."""

    default: float | None
    low: float
    high: float


NUMBERS: Mapping[str, Number] = {
    "margin": Number(5.0, 0.01, 100.0),
    "expected": Number(50.0, 0.5, 99.5),
    "after": Number(60.0, 0.5, 99.5),
    "sd": Number(1.0, 0.001, 1000.0),
    "difference": Number(0.2, 0.001, 200.0),
    "promoters": Number(50.0, 0.0, 100.0),
    "detractors": Number(20.0, 0.0, 100.0),
    "population": Number(None, 2.0, 1e10),
    "rate": Number(30.0, 0.01, 100.0),
    "deff": Number(1.0, 1.0, 100.0),
    "units": Number(1.0, 1.0, 100_000.0),
    "power": Number(80.0, 55.0, 99.9),
    "level": Number(95.0, 50.0, 99.9),
}
_WHOLE = ("population", "rate", "deff", "units", "level")
_APART = ("rate", "deff", "power", "level")
PLANS: Mapping[str, tuple[str, ...]] = {
    "share": ("margin", "expected", *_WHOLE),
    "mean": ("margin", "sd", *_WHOLE),
    "nps": ("margin", "promoters", "detractors", *_WHOLE),
    "share_difference": ("expected", "after", *_APART),
    "mean_difference": ("difference", "sd", *_APART),
    "nps_difference": ("difference", "promoters", "detractors", *_APART),
}
# A margin or difference that suits one kind is odd for another: half a point of five, ten of NPS.
_DEFAULTS = {("mean", "margin"): 0.1, ("nps_difference", "difference"): 10.0}


def default(what: str, name: str) -> float | None:
    return _DEFAULTS.get((what, name), NUMBERS[name].default)


def planned(what: str, given: Mapping[str, str]) -> Plan:
    """Return the plan for what is asked for; what is not given takes its default.

    Raises Problem naming each number that makes no sense.
    """
    if what not in PLANS:
        wrong = FieldProblem("what", "analysis.choice", _choice(what))
        raise Problem("parameters.invalid", errors=(wrong,))
    errors: list[FieldProblem] = []
    numbers = {name: _number(what, name, given.get(name, ""), errors) for name in PLANS[what]}
    if "promoters" in numbers and not errors and sum(_shares(numbers)) > 100:
        errors.append(FieldProblem("detractors", "analysis.shares_over", {}))
    if "after" in numbers and not errors and numbers["after"] == numbers["expected"]:
        errors.append(FieldProblem("after", "analysis.no_difference", {}))
    if errors:
        raise Problem("parameters.invalid", errors=tuple(errors))
    return _PLANNERS[what](numbers)


def _choice(what: str) -> dict[str, str]:
    return {"value": what[:40], "known": ", ".join(PLANS)}


def _shares(numbers: Mapping[str, float]) -> tuple[float, float]:
    return numbers["promoters"], numbers["detractors"]


def _number(what: str, name: str, text: str, errors: list[FieldProblem]) -> float:
    known = NUMBERS[name]
    usual = default(what, name)
    if not text.strip():
        return math.inf if usual is None else usual
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not known.low <= value <= known.high:
        params = {"value": text[:40], "low": f"{known.low:g}", "high": f"{known.high:g}"}
        errors.append(FieldProblem(name, "analysis.number_range", params))
        return known.low
    return value


def _common(n: Mapping[str, float]) -> dict[str, float]:
    return {
        "population": n["population"],
        "deff": n["deff"],
        "response_rate": n["rate"] / 100,
        "level": n["level"] / 100,
    }


def _apart(n: Mapping[str, float]) -> dict[str, float]:
    return {
        "power_wanted": n["power"] / 100,
        "alpha": 1 - n["level"] / 100,
        "deff": n["deff"],
        "response_rate": n["rate"] / 100,
    }


def _share(n: Mapping[str, float]) -> Plan:
    return planner.plan_share(
        n["margin"], expected=n["expected"], units=int(n["units"]), **_common(n)
    )


def _mean(n: Mapping[str, float]) -> Plan:
    return planner.plan_mean(n["margin"], n["sd"], units=int(n["units"]), **_common(n))


def _nps(n: Mapping[str, float]) -> Plan:
    shares = {"promoters": n["promoters"], "detractors": n["detractors"]}
    return planner.plan_nps(n["margin"], units=int(n["units"]), **shares, **_common(n))


def _share_difference(n: Mapping[str, float]) -> Plan:
    return planner.plan_share_difference(n["expected"], n["after"], **_apart(n))


def _mean_difference(n: Mapping[str, float]) -> Plan:
    return planner.plan_mean_difference(n["difference"], n["sd"], **_apart(n))


def _nps_difference(n: Mapping[str, float]) -> Plan:
    shares = {"promoters": n["promoters"], "detractors": n["detractors"]}
    return planner.plan_nps_difference(n["difference"], **shares, **_apart(n))


_PLANNERS: Mapping[str, Callable[[Mapping[str, float]], Plan]] = {
    "share": _share,
    "mean": _mean,
    "nps": _nps,
    "share_difference": _share_difference,
    "mean_difference": _mean_difference,
    "nps_difference": _nps_difference,
}
