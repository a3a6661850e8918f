"""A weighted number and the plain one are two equations: with few in a cell they tell of them."""

from __future__ import annotations

import pytest

from manyi.metrics import queries
from manyi.metrics.weighted import raked
from manyi.surveys.models import Survey
from tests.factories import House, house
from tests.lake.records import record
from tests.metrics.test_weighting import weigh_to
from tests.voices import made

pytestmark = [pytest.mark.django_db, pytest.mark.db]
SHARES: dict[str, dict[str, float]] = {"channel": {"app": 70, "sms": 30}}
BOTH: dict[str, dict[str, float]] = {**SHARES, "language": {"zh": 50, "en": 50}}


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
def survey(home: House) -> Survey:
    return made(home.alice)


def fill(
    home: House, survey: Survey, cells: dict[tuple[str, str], int], *, is_anonymous: bool = True
) -> None:
    for (channel, language), n in cells.items():
        for at in range(n):
            record(
                home.organisation,
                csat=1 + (at + len(channel)) % 5,
                survey=survey,
                channel=channel,
                language=language,
                is_anonymous=is_anonymous,
            )


def solved(home: House, survey: Survey) -> float | None:
    """Return the mean of those who answered by SMS, worked out of the whole's two means."""
    mine = home.selection(survey=(survey.code,))
    (plain,) = queries.estimate(mine, "csat_mean", weighting="none")
    (weighted,) = queries.estimate(mine, "csat_mean", weighting="raked")
    if "raked" not in {one.code for one in weighted.estimate.warnings}:
        assert weighted.estimate.value == plain.estimate.value
        return None
    n_sms = 4 if plain.n == 44 else 12
    app = (plain.n or 0) - n_sms
    # plain·n = app·a + n_sms·s, weighted = 0.7·a + 0.3·s
    total, whole = (plain.estimate.value or 0) * (plain.n or 0), weighted.estimate.value or 0
    return (total - app * whole / 0.7) / (n_sms - app * 0.3 / 0.7)


def test_few_anonymous_people_in_a_category_are_not_weighted(home: House, survey: Survey) -> None:
    weigh_to(home, survey, SHARES, "share")
    fill(home, survey, {("app", "zh"): 40, ("sms", "zh"): 4})
    assert solved(home, survey) is None
    found = raked(home.selection(survey=(survey.code,)), "csat", level=0.95)
    assert found.weights == []
    assert "raked_hidden" in {one.code for one in found.rows[0].estimate.warnings}


def test_enough_in_each_are(home: House, survey: Survey) -> None:
    weigh_to(home, survey, SHARES, "share")
    fill(home, survey, {("app", "zh"): 40, ("sms", "zh"): 12})
    assert solved(home, survey) is not None


def test_the_attack_works_on_who_is_no_secret(home: House, survey: Survey) -> None:
    weigh_to(home, survey, SHARES, "share")
    fill(home, survey, {("app", "zh"): 40, ("sms", "zh"): 4}, is_anonymous=False)
    assert solved(home, survey) == pytest.approx((4 + 5 + 1 + 2) / 4)


def test_nor_are_few_in_two_categories_together(home: House, survey: Survey) -> None:
    weigh_to(home, survey, BOTH, "share")
    cells = {("app", "zh"): 30, ("app", "en"): 12, ("sms", "zh"): 12, ("sms", "en"): 2}
    fill(home, survey, cells)
    mine = home.selection(survey=(survey.code,))
    (row,) = queries.estimate(mine, "csat", weighting="raked")
    assert "raked_hidden" in {one.code for one in row.estimate.warnings}
    by_channel = queries.estimate(mine.split("channel"), "csat", weighting="raked")
    assert all("raked" not in {w.code for w in row.estimate.warnings} for row in by_channel)
