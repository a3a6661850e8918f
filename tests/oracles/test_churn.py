import numpy as np
import pytest

from manyi.stats import intervals
from manyi.stats.churn import calibration, competing, cox, lift, survival
from manyi.stats.logistic import logistic_rows
from tests.oracles.reference import Case


def check_curve(case, curve, of):
    for at, time in enumerate(of["time"]):
        found = curve.at(time)
        assert found.n == of["n_risk"][at]
        case.near(
            [found.value, found.low, found.high],
            [100 * of[k][at] for k in ("surv", "lower", "upper")],
        )
        place = int(np.searchsorted(curve.lifetimes.time, time, side="right")) - 1
        case.near(curve.se[place], of["se"][at])


def ends(found):
    return found.value, found.low, found.high


def test_survival():
    case = Case("v01_km_logrank_cox_lung")
    time, event, sex = case.column("time"), case.column("status") == 2, case.column("sex")
    whole, of = survival.lifetimes_rows(time, event), case.expected
    curve = survival.kaplan_meier_counts(whole)
    check_curve(case, curve, of["km_all_log"])
    check_curve(case, survival.kaplan_meier_counts(whole, transform="log-log"), of["km_all_loglog"])
    median = of["median"]
    assert ends(curve.quantile()) == (median["median"], median["0.95LCL"], median["0.95UCL"])
    mean = curve.mean_until(time.max())
    case.near(mean.value, median["rmean"])
    case.near((mean.high - mean.low) / 2 / intervals.normal_quantile(0.95), median["se(rmean)"])
    case.near(curve.mean_until(365).value, of["rmst_365"])
    groups = {f"sex={s}": survival.lifetimes_rows(time[sex == s], event[sex == s]) for s in (1, 2)}
    for name, theirs in of["median_by_sex"].items():
        found = survival.kaplan_meier_counts(groups[name]).quantile()
        assert ends(found) == (theirs["median"], theirs["0.95LCL"], theirs["0.95UCL"])
    test = survival.log_rank_counts(groups)
    case.near([test.statistic, test.p], [of["logrank"]["chisq"], of["logrank"]["p"]])
    case.near(survival.peto_counts(groups).statistic, of["peto"]["chisq"])
    merged = survival.merge_lifetimes(*groups.values())
    np.testing.assert_array_equal(merged.events, whole.events)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_hazards(ties):
    case = Case("v01_km_logrank_cox_lung")
    names = ["age", "sex", "ph.ecog"]
    found = cox.cox_rows(
        case.column("time"), case.column("status") == 2, case.matrix(names), ties=ties
    )
    of = case.expected[f"cox_{ties}"]
    tests = [found.test(at) for at in range(3)]
    ratios = [one.effect.value for one in tests]
    for mine, key in ((found.coefficients, "coef"), (found.se, "se"), (ratios, "hr")):
        case.near(mine, list(of[key].values()))
    case.near([one.statistic for one in tests], list(of["z"].values()))
    case.near([found.null_log_likelihood, found.log_likelihood], of["loglik"])
    agreed = found.concordance
    case.near([agreed.value, agreed.half_width / 1.959963984540054], of["concordance"])
    assert (found.n, found.events) == (of["n"], of["nevent"])


def test_hazards_in_proportion():
    case = Case("v01_km_logrank_cox_lung")
    x = case.matrix(["age", "sex", "ph.ecog"])
    found = cox.proportionality_unweighted_rows(case.column("time"), case.column("status") == 2, x)
    *each, together = case.expected["zph"].values()
    case.near([one.statistic for one in found.each], [one["chisq"] for one in each])
    case.near([one.p for one in found.each], [one["p"] for one in each])
    case.near(
        [found.together.statistic, found.together.df, found.together.p],
        [together[k] for k in ("chisq", "df", "p")],
    )


def test_concordance_equals_that_of_all_pairs():
    rng = np.random.default_rng(5)
    time, risk = rng.integers(1, 20, 90), rng.integers(0, 9, 90)
    event = rng.random(90) < 0.6
    agreed = total = 0.0
    for i in np.flatnonzero(event):
        later = (time > time[i]) | ((time == time[i]) & ~event)
        total += later.sum()
        agreed += (risk[later] < risk[i]).sum() + (risk[later] == risk[i]).sum() / 2
    found = cox.concordance_rows(time, event, risk)
    assert found.value == pytest.approx(agreed / total) and found.n == 90


def test_retention_by_contract():
    case = Case("v02_churn_km_telco")
    time, event, contract = case.column("tenure"), case.column("event"), case.labels("Contract")
    of = case.expected
    check_curve(
        case, survival.kaplan_meier_counts(survival.lifetimes_rows(time, event)), of["overall"]
    )
    groups = {
        c: survival.lifetimes_rows(time[contract == c], event[contract == c])
        for c in of["by_contract"]
    }
    for name, theirs in of["by_contract"].items():
        check_curve(case, survival.kaplan_meier_counts(groups[name]), theirs)
    test = survival.log_rank_counts(groups)
    case.near([test.statistic, test.df], [of["logrank"]["chisq"], of["logrank"]["df"]])
    case.near(event.mean(), of["churn_rate"])
    case.near(intervals.wilson(event.sum(), len(event)), of["churn_rate_wilson"])


def test_competing_reasons():
    case = Case("v03_competing_risks_mgus2")
    time, cause, of = case.column("et"), case.column("ev"), case.expected
    first = competing.cumulative_incidence_rows(time, cause, 1)
    second = competing.cumulative_incidence_rows(time, cause, 2)
    case.near(first.at(of["times"]), of["cuminc_event1"])
    case.near(second.at(of["times"]), of["cuminc_event2"])
    case.near(first.variance_at(of["times"]), of["var_event1"])


def test_forecasts_of_churn():
    case = Case("v04_churn_classifier_calibration")
    y, p, of = case.column("y", "test.csv"), case.column("p", "test.csv"), case.expected
    auc = calibration.auc_rows(y, p)
    case.near([auc.low, auc.value, auc.high], of["auc_delong_ci"])
    found = calibration.calibration_rows(y, p)
    case.near(
        [found.brier.value, found.brier_scaled.value, found.log_loss.value],
        [of[k] for k in ("brier", "brier_scaled", "logloss")],
    )
    line = [found.intercept.value, found.slope.value]
    case.near(line, of["calibration_intercept_slope"])
    case.near(found.in_the_large.value, of["calibration_in_the_large"])
    case.near(found.hosmer_lemeshow.statistic, of["hosmer_lemeshow"])
    case.near(found.ece.value, of["ece_10_quantile_bins"])
    assert lift.lift_rows(y, p).low > 1


def test_a_model_of_churn():
    case = Case("v04_churn_classifier_calibration")
    columns = [np.ones(5000)]
    for term in list(case.expected["coef"])[1:]:
        if term in case.rows("train.csv")[0]:
            columns.append(case.column(term, "train.csv"))
            continue
        name = next(
            n for n in ("Contract", "InternetService", "PaymentMethod") if term.startswith(n)
        )
        columns.append(case.labels(name, "train.csv") == term.removeprefix(name))
    found = logistic_rows(np.column_stack(columns).astype(float), case.column("event", "train.csv"))
    case.near(found.coefficients, list(case.expected["coef"].values()))
