"""How many to ask: answers needed for a precision or to tell a difference, and invitations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypedDict, Unpack

from manyi.stats import intervals
from manyi.stats.effect import power
from manyi.stats.intervals import nps_variance
from manyi.stats.result import Estimate, Note


@dataclass(frozen=True)
class Plan:
    """How many answers are needed in each of `groups` (units or waves), how many invitations
    that takes at the response rate that is expected, and the sentence that says so.

    `exact` is the number before it was rounded up; where a unit has fewer people than are
    needed, everybody is asked and `sentence` says so.
    """

    answers: int
    invitations: int
    groups: int
    exact: float
    method: str
    sentence: Note

    @property
    def all_answers(self) -> int:
        """Return the answers of all groups together."""
        return self.answers * self.groups


class Around(TypedDict, total=False):
    """What a plan has to reckon with: people in the `population` of each of `units` (no end
    where it is left out), the design effect, and the share of those asked who answer."""

    population: float
    deff: float
    response_rate: float
    units: int


class Telling(TypedDict, total=False):
    """The power that is wanted to tell a difference (.8), the error `alpha` that is allowed
    (.05), the design effect, and the share of those asked who answer."""

    power_wanted: float
    alpha: float
    deff: float
    response_rate: float


def _plan(n: float, method: str, around: Around) -> Plan:
    population = around.get("population", math.inf)
    groups, response_rate = around.get("units", 1), around.get("response_rate", 1.0)
    exact = _limited(n, population, around.get("deff", 1.0))
    answers = math.ceil(exact - 1e-9)
    invitations = math.ceil(answers / response_rate - 1e-9)
    params = {
        "n": answers,
        "invitations": invitations,
        "rate": f"{100 * response_rate:g}",
        "groups": groups,
    }
    code = "plan_each" if groups > 1 else "plan_whole"
    if invitations > population:
        code, params["people"] = "plan_everybody", int(population)
        invitations = int(population)
    return Plan(answers, invitations, groups, exact, method, Note(code, params))


def _limited(n: float, population: float, deff: float) -> float:
    """Return the size for a small population (finite) and a design that costs precision."""
    inflated = n * deff
    return inflated if math.isinf(population) else inflated / (1 + (inflated - 1) / population)


def plan_share(
    margin: float,
    *,
    expected: float = 50.0,
    level: float = 0.95,
    **around: Unpack[Around],
) -> Plan:
    """Return the plan for a share within ±`margin` percentage points in each of `units`.

    n₀ = z²p(1-p)/m²·deff, then n₀/(1 + (n₀ - 1)/N) of a population of N (Cochran 1977).
    `expected` 50 percent is the worst case.
    """
    p = expected / 100
    n = intervals.normal_quantile(level) ** 2 * p * (1 - p) / (margin / 100) ** 2
    return _plan(n, "normal", around)


def plan_mean(margin: float, sd: float, *, level: float = 0.95, **around: Unpack[Around]) -> Plan:
    """Return the plan for a mean within ±`margin` points where answers have the deviation `sd`;
    the t quantile of the size itself."""
    n = max((intervals.normal_quantile(level) * sd / margin) ** 2, 2.0)
    for _ in range(50):
        n = max((intervals.t_quantile(level, max(n - 1, 1)) * sd / margin) ** 2, 2.0)
    return _plan(n, "t", around)


def plan_nps(
    margin: float,
    *,
    promoters: float = 50.0,
    detractors: float = 20.0,
    level: float = 0.95,
    **around: Unpack[Around],
) -> Plan:
    """Return the plan for an NPS within ±`margin` points; promoters and detractors in percent."""
    variance = 1e4 * nps_variance(promoters / 100, detractors / 100)
    n = intervals.normal_quantile(level) ** 2 * variance / margin**2
    return _plan(n, "normal", around)


def plan_share_difference(before: float, after: float, **telling: Unpack[Telling]) -> Plan:
    """Return the plan to tell two shares (percent) apart: each of two waves or groups."""
    wanted, alpha = _errors(telling)
    n = power.size_for_shares(before / 100, after / 100, power=wanted, alpha=alpha)
    return _plan(n, "shares", _of_two(telling))


def plan_mean_difference(difference: float, sd: float, **telling: Unpack[Telling]) -> Plan:
    """Return the plan to tell two means `difference` apart."""
    wanted, alpha = _errors(telling)
    n = power.size_for_means(difference, sd, power=wanted, alpha=alpha)
    return _plan(n, "t", _of_two(telling))


def plan_nps_difference(
    difference: float,
    *,
    promoters: float = 50.0,
    detractors: float = 20.0,
    **telling: Unpack[Telling],
) -> Plan:
    """Return the plan to tell two NPS `difference` points apart, both about as spread as given."""
    variance = 1e4 * nps_variance(promoters / 100, detractors / 100)
    wanted, alpha = _errors(telling)
    z = intervals.normal_quantile(1 - alpha) + intervals.normal_quantile(2 * wanted - 1)
    return _plan(2 * z**2 * variance / difference**2, "normal", _of_two(telling))


def _errors(telling: Telling) -> tuple[float, float]:
    return telling.get("power_wanted", 0.8), telling.get("alpha", 0.05)


def _of_two(telling: Telling) -> Around:
    rate = telling.get("response_rate", 1.0)
    return {"units": 2, "deff": telling.get("deff", 1.0), "response_rate": rate}


def precision_of_share(
    n: int,
    *,
    expected: float = 50.0,
    population: float = math.inf,
    deff: float = 1.0,
    level: float = 0.95,
) -> Estimate:
    """Return what n answers will tell of a share: Wilson's interval around `expected` percent
    at the effective n, narrower where they are much of the whole population."""
    left = 1.0 if math.isinf(population) else max(1 - n / population, 0.0)
    effective = n / deff / left if left > 0 else math.inf
    if math.isinf(effective):
        ends = intervals.Interval(expected / 100, expected / 100)
    else:
        ends = intervals.wilson(expected / 100 * effective, effective, level)
    return Estimate(expected, 100 * ends.low, 100 * ends.high, level, n, effective, None, "wilson")


def precision_of_nps(
    n: int,
    *,
    promoters: float = 50.0,
    detractors: float = 20.0,
    population: float = math.inf,
    deff: float = 1.0,
    level: float = 0.95,
) -> Estimate:
    """Return what n answers will tell of an NPS: its normal interval in points."""
    left = 1.0 if math.isinf(population) else max(1 - n / population, 0.0)
    variance = 1e4 * nps_variance(promoters / 100, detractors / 100) * deff * left / n
    value = promoters - detractors
    ends = intervals.around(value, math.sqrt(variance), intervals.normal_quantile(level))
    ends = intervals.clip(ends, -100, 100)
    return Estimate(value, *ends, level, n, n / deff, None, "normal")


def power_to_tell(
    n: int, before: float, after: float, *, alpha: float = 0.05, deff: float = 1.0
) -> Estimate:
    """Return the chance in percent that n answers a wave tell two shares (percent) apart."""
    value = 100 * power.power_of_shares(before / 100, after / 100, n / deff, alpha=alpha)
    return Estimate(value, None, None, 1 - alpha, n, n / deff, None, "power")


def least_difference(
    n: int, before: float, *, power_wanted: float = 0.8, alpha: float = 0.05, deff: float = 1.0
) -> Estimate:
    """Return the least rise of a share in percentage points that n answers a wave can tell."""
    rise = power.detectable_share(before / 100, n / deff, power=power_wanted, alpha=alpha)
    return Estimate(100 * rise, None, None, 1 - alpha, n, n / deff, None, "power")


def design_effect_of_repeats(answers_each: float, alike: float) -> Estimate:
    """Return the design effect where customers answer `answers_each` times on average and their
    answers correlate by `alike` (Kish): 1 + (m - 1)·ρ."""
    value = 1 + (answers_each - 1) * alike
    return Estimate(value, None, None, 0.95, 0, 0.0, None, "kish")
