import numpy as np
import pytest

from manyi.stats import moments, segments
from manyi.stats.adjust import adjust
from tests.oracles.reference import Case

NAME = "m04_segment_comparisons_multiplicity"


@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg", "hommel", "BH", "BY"])
def test_adjusted_p_values(method):
    case = Case(NAME)
    p = case.column("p", "pvalues.csv")
    case.near(adjust(p, method.lower()), case.expected["p_adjust"][method])
    mixed = np.random.default_rng(1).permutation(len(p))
    case.near(adjust(p[mixed], method.lower()), np.array(case.expected["p_adjust"][method])[mixed])


def pair(of, one, two):
    for key, value in of.items():
        names = (
            key.replace(" vs ", "|").replace("Plus-", "Plus|").replace("Eco-", "Eco|").split("|")
        )
        if set(names) == {one, two}:
            return value, 1 if names == [one, two] else -1
    raise KeyError(one, two)


def test_shares_of_segments():
    case = Case(NAME)
    of = case.expected
    x, n = of["topbox_by_class"]["satisfied"], of["topbox_by_class"]["n"]
    overall = segments.chi_square_counts(x, n)
    case.near([overall.statistic, overall.df], [of["chisq"]["X2"], of["chisq"]["df"]])
    case.near(np.log(overall.p), np.log(of["chisq"]["p"]))
    for method, key in ((None, "pairwise_prop_none"), ("holm", "pairwise_prop_holm")):
        for names, found in segments.pairwise_shares_counts(x, n, method=method).items():
            case.near(np.log(found.p), np.log(pair(of[key], *names)[0]))
            assert found.n == found.effect.n == n[names[0]] + n[names[1]]


def test_means_of_segments():
    case = Case(NAME)
    of, kind, seat = case.expected, case.labels("Class"), case.column("Seat.comfort")
    groups = {str(k): moments.from_values(seat[kind == k]) for k in ("Business", "Eco", "Eco Plus")}
    for found, key in (
        (segments.anova(groups), "anova"),
        (segments.welch_anova(groups), "welch_anova"),
    ):
        case.near(found.statistic, of[key]["F"])
        case.near(np.log(found.p), np.log(of[key]["p"]))
    welch = segments.welch_anova(groups)
    case.near([welch.df, welch.df2], of["welch_anova"]["df"])
    ranks = segments.kruskal(groups)
    case.near(ranks.statistic, of["kruskal"]["H"])
    case.near(np.log(ranks.p), np.log(of["kruskal"]["p"]))
    for names, found in segments.pairwise_means(groups, method="bh").items():
        case.near(np.log(found.p), np.log(pair(of["pairwise_welch_t_BH"], *names)[0]))
    for names, found in segments.tukey(groups).items():
        theirs, sign = pair(of["tukey_hsd_seat_comfort"], *names)
        low, high = found.effect.low, found.effect.high
        ends = [low, high] if sign > 0 else [-high, -low]
        case.near(ends, [theirs["lwr"], theirs["upr"]], atol=1e-4)
        case.near(found.p, theirs["p adj"], atol=1e-4)
