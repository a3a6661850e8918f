"""Answers to choose from, by their customers: against a plain count of the same records."""

from __future__ import annotations

import random

import numpy as np
import pytest

from manyi.accounts.permissions import scope
from manyi.base.ids import new_id
from manyi.customers.models import Customer
from manyi.kit.selection import Selection
from manyi.lake import tables, writing
from manyi.lake.choices import choice_moments
from manyi.stats.metrics import share_of
from manyi.stats.moments import GROUPS
from manyi.stats.rates import share_counts
from tests.factories import NOW, House, house
from tests.lake.records import record

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def home() -> House:
    return house()


def customer(home: House, pk: int | None = None) -> int:
    times = {"created_at": NOW, "updated_at": NOW}
    pk = new_id() if pk is None else pk
    return Customer.objects.create(id=pk, organisation=home.organisation, **times).pk


@pytest.mark.parametrize("cold", [0, 30, 60])
def test_each_choice_by_customers_as_one_would_count_by_hand(home: House, cold: int) -> None:
    rng = random.Random(7)
    known = [customer(home) for _ in range(9)]
    given = []
    for at in range(60):
        if at == cold:
            writing.append(home.organisation.pk, NOW)
        who, said = rng.choice([*known, None]), rng.sample(["a", "b", "na"], rng.randint(1, 2))
        said = ["na"] if "na" in said else said
        row = record(
            home.organisation, customer_id=who, answers=[("q", "", code, None) for code in said]
        )
        given.append((who or -row.pk, said))
    if cold == 60:
        writing.append(home.organisation.pk, NOW)
    found = choice_moments(Selection(scope(home.alice)), "q", without="na")
    assert {code for code, _ in found} == {"a", "b"}
    people, asked = [who for who, _ in given], [said != ["na"] for _, said in given]
    groups = np.asarray(tables.clusters(people))
    for code in "ab":
        has = np.array([code in said for _, said in given])
        one = found[code, None]
        assert one.values.tolist() == [0.0, 1.0]
        no, yes = (np.bincount(groups[side], minlength=GROUPS) for side in (asked & ~has, has))
        assert one.by_group is not None
        assert one.by_group.tolist() == np.transpose([no, yes]).tolist()
        assert one.n_customers == len(set(people))


def test_answers_without_repetition_need_no_customers(home: House) -> None:
    for code in "aab":
        record(home.organisation, customer_id=customer(home), answers=[("q", "", code, None)])
        record(home.organisation, answers=[("q", "", code, None)])
    assert choice_moments(Selection(scope(home.alice)), "q", without="na") == {}
    assert choice_moments(Selection(scope(home.alice)), "never", without="na") == {}


def test_ten_answers_of_everybody_say_no_more_than_one(home: House) -> None:
    for at in range(30):
        # By their ids customers fall into one of 64 groups: with others the width is another.
        who = customer(home, 1_000 + at)
        for _ in range(10):
            code = "a" if at % 3 else "b"
            record(home.organisation, customer_id=who, answers=[("q", "", code, None)])
    found = choice_moments(Selection(scope(home.alice)), "q", without="na")
    share = share_of(found["a", None])
    once, often = share_counts(20, 30), share_counts(200, 300)
    assert share.value == pytest.approx(200 / 3)
    assert share.n == 300
    assert share.high - share.low > 2 * (often.high - often.low)
    assert share.high - share.low == pytest.approx(once.high - once.low, rel=0.25)
