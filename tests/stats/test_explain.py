import numpy as np
import pytest
from scipy import stats

from manyi.kit.say import say
from manyi.stats.explain import Variable, explain

RNG = np.random.default_rng(5)
N = 400
SHOP = RNG.choice(["east", "west"], N)
AREA = RNG.choice(["a", "b", "c", "d"], N)
SCORE = np.clip(np.round(3.5 + 0.3 * (SHOP == "west") + RNG.normal(size=N)), 1, 5)
HOURS = RNG.gamma(20, 0.5, N)
HAPPY = (RNG.random(N) < 1 / (1 + np.exp(0.4 * (HOURS - 10)))).astype(int)
DAYS = np.datetime64("2026-01-01") + RNG.integers(0, 300, N).astype("timedelta64[D]")

GOOD = {
    "shop": Variable("shop", "nominal", SHOP),
    "area": Variable("area", "nominal", AREA),
    "score": Variable("score", "ordinal", SCORE),
    "points": Variable("points", "scale", SCORE),
    "hours": Variable("hours", "scale", HOURS),
    "happy": Variable("happy", "binary", HAPPY, {1: "yes", 0: "no"}),
    "day": Variable("day", "date", DAYS),
}


@pytest.fixture(autouse=True)
def _the_same_draws() -> None:
    """What a test draws does not hang on which tests this process ran before it."""
    RNG.bit_generator.state = np.random.default_rng(6).bit_generator.state


@pytest.mark.parametrize("outcome", GOOD)
@pytest.mark.parametrize("by", GOOD)
@pytest.mark.parametrize("how", ["plain", "weights", "cluster"])
def test_every_pair_of_kinds_is_told_in_both_languages(outcome, by, how):
    if outcome == by or {outcome, by} == {"score", "points"}:
        return
    options = {
        "plain": {},
        "weights": {"weights": RNG.uniform(0.5, 2, N)},
        "cluster": {"cluster": np.arange(N) // 3},
    }
    found = explain(GOOD[outcome], GOOD[by], **options[how])
    assert found.n == N and found.missing == 0
    assert 0 <= found.test.p <= 1
    assert found.effect.low <= found.effect.value <= found.effect.high
    for language in ("en", "zh-Hans"):
        for note in found.notes:
            told = say(note.code, language, note.params)
            assert told != note.code and "{" not in told and "nan" not in told


def test_means_of_two_groups_are_compared_by_welch():
    found = explain(GOOD["points"], GOOD["shop"])
    peer = stats.ttest_ind(SCORE[SHOP == "east"], SCORE[SHOP == "west"], equal_var=False)
    assert found.real and found.analysis == "two_means"
    np.testing.assert_allclose(found.test.p, peer.pvalue, rtol=0.3)
    np.testing.assert_allclose(found.effect.low, peer.confidence_interval().low, rtol=1e-6)
    assert "west" in say(found.finding.code, "en", found.finding.params)


def test_ordinal_answers_of_two_groups_by_brunner_and_munzel():
    found = explain(GOOD["score"], GOOD["shop"])
    one, two = SCORE[SHOP == "east"], SCORE[SHOP == "west"]
    peer = stats.brunnermunzel(one, two)
    np.testing.assert_allclose(found.test.p, peer.pvalue, rtol=0.05)
    above = (one[:, None] > two).mean() + (one[:, None] == two).mean() / 2
    np.testing.assert_allclose(found.effect.value, 100 * above)


def test_several_groups_by_welch_ranks_and_chi_square():
    parts = [HOURS[a == AREA] for a in "abcd"]
    found = explain(GOOD["hours"], GOOD["area"])
    assert found.test.method == "welch_anova" and len(found.contrasts) == 6
    ranks = explain(GOOD["score"], GOOD["area"])
    peer = stats.kruskal(*[SCORE[a == AREA] for a in "abcd"])
    np.testing.assert_allclose(ranks.test.p, peer.pvalue)
    shares = explain(GOOD["happy"], GOOD["area"])
    table = [[int((HAPPY[a == AREA] == v).sum()) for v in (0, 1)] for a in "abcd"]
    peer = stats.chi2_contingency(table, correction=False)
    np.testing.assert_allclose(shares.test.p, peer.pvalue)
    assert len(parts) == len(shares.groups)


def test_labels_by_chi_square_and_exactly_where_cells_are_rare():
    found = explain(GOOD["area"], GOOD["shop"])
    table = [[int(((s == SHOP) & (a == AREA)).sum()) for a in "abcd"] for s in ("east", "west")]
    np.testing.assert_allclose(found.test.p, stats.chi2_contingency(table, correction=False).pvalue)
    one = Variable("one", "nominal", ["x"] * 5 + ["y"] * 4)
    two = Variable("two", "nominal", ["p"] * 4 + ["q"] * 5)
    rare = explain(one, two)
    assert rare.test.method == "fisher"
    np.testing.assert_allclose(rare.test.p, stats.fisher_exact([[4, 0], [1, 4]]).pvalue)
    assert explain(one, two).test == rare.test


def test_quantities_by_pearson_and_by_spearman_where_one_is_wild():
    x = RNG.normal(size=200)
    y = x + RNG.normal(size=200)
    found = explain(Variable("y", "scale", y), Variable("x", "scale", x))
    peer = stats.pearsonr(x, y)
    np.testing.assert_allclose(found.test.p, peer.pvalue, rtol=1e-6)
    np.testing.assert_allclose(found.effect.low, peer.confidence_interval().low)
    y[0] = 100
    wild = explain(Variable("y", "scale", y), Variable("x", "scale", x))
    assert wild.measure == "spearman" and wild.checks[0].code == "explain_outliers"
    np.testing.assert_allclose(wild.effect.value, stats.spearmanr(x, y).statistic)


def test_a_bend_is_told():
    x = RNG.uniform(-1, 1, 300)
    y = x**2 + 0.05 * RNG.normal(size=300)
    found = explain(Variable("y", "scale", y), Variable("x", "scale", x))
    assert "explain_bent" in [note.code for note in found.checks]


def test_odds_and_a_threshold_that_tells_all():
    found = explain(GOOD["happy"], GOOD["hours"])
    assert found.real and found.effect.value < 1 and found.finding.code == "explain_odds_fall"
    x = np.arange(20.0)
    apart = explain(Variable("y", "binary", x > 9), Variable("x", "scale", x))
    assert apart.real and apart.finding.code == "explain_threshold"


@pytest.mark.parametrize("kind", ["scale", "ordinal", "binary", "nominal"])
def test_nothing_to_compare_is_said(kind):
    same = Variable("y", kind, np.ones(30))
    by = Variable("x", "nominal", ["a", "b"] * 15)
    assert explain(same, by).finding.code == "explain_all_alike"
    assert explain(by, same).finding.code == "explain_one_group"
    few = Variable("y", kind, [1, 2, np.nan])
    found = explain(few, Variable("x", "nominal", ["a", "b", "a"]))
    assert found.finding.code == "explain_too_few"
    if kind in ("scale", "ordinal"):
        assert found.missing == 1


def test_one_answer_in_a_group_and_groups_without_spread():
    by = Variable("x", "nominal", ["a"] * 10 + ["b"] * 10 + ["c"])
    y = np.array([5.0] * 10 + [4.0] * 10 + [1.0])
    found = explain(Variable("y", "scale", y), by)
    assert found.real and found.test.method == "kruskal"
    two = explain(Variable("y", "scale", y[:20]), Variable("x", "nominal", ["a"] * 10 + ["b"] * 10))
    assert two.effect.low < 0.7 and two.effect.high == two.effect.value == 1


def test_missing_answers_of_every_kind_are_counted():
    y = Variable("y", "scale", [1.0, np.nan, 3, 4, 5, 2])
    x = Variable("x", "nominal", np.array(["a", "b", None, "a", "b", ""], object))
    assert explain(y, x).missing == 3


def pairs(rng, kind):
    own = rng.normal(size=60)
    ids = np.repeat(np.arange(60), 4)
    y = np.repeat(own, 4) + rng.normal(size=240)
    group = np.repeat(rng.choice(["a", "b"] if kind == 2 else ["a", "b", "c"], 60), 4)
    return y, group, ids


@pytest.mark.parametrize("kind", [2, 3])
@pytest.mark.parametrize("outcome", ["scale", "ordinal", "binary"])
def test_customers_who_answer_again_fake_nothing(kind, outcome):
    rng = np.random.default_rng(8)
    wrong, repeats = 0, 300
    for _ in range(repeats):
        y, group, ids = pairs(rng, kind)
        y = y > 0 if outcome == "binary" else np.round(y) if outcome == "ordinal" else y
        found = explain(Variable("y", outcome, y), Variable("x", "nominal", group), cluster=ids)
        wrong += found.real
    assert wrong / repeats < 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats)
