"""Trees on public data: who left a telephone company, and what moved passengers of an airline."""

import numpy as np
import pytest

from manyi.stats.churn.calibration import auc_rows
from manyi.stats.churn.model import churn_model_rows
from manyi.stats.drivers.trees import tree_drivers_rows
from manyi.stats.trees.boosting import Growth, boost
from manyi.stats.trees.splits import splits_of
from tests.oracles.reference import Case

NAMES = ("Contract", "InternetService", "PaymentMethod")
COLUMNS = ("tenure", "MonthlyCharges", "SeniorCitizen", *NAMES)


def _telco(case, name):
    codes = [np.unique(case.labels(one, name), return_inverse=True)[1] for one in NAMES]
    numbers = [case.column(one, name) for one in COLUMNS[:3]]
    return np.column_stack([*numbers, *codes]).astype(float), case.column("event", name)


def test_who_leaves_is_told_better_than_by_lines():
    case = Case("v04_churn_classifier_calibration")
    x, y = _telco(case, "train.csv")
    later, left = _telco(case, "holdout.csv")
    splits = splits_of(x, codes=(3, 4, 5))
    growth = Growth(rounds=60, least=50)
    grown = boost(splits, splits.left(x), y, np.ones((1, len(y))), loss="logistic", growth=growth)
    found = auc_rows(left, grown.predict(later)).value
    assert found > case.expected["auc"]
    assert found == pytest.approx(0.8348, abs=0.003)  # scikit-learn's HistGradientBoosting


def test_the_forecasts_of_leaving_are_true():
    case = Case("v02_churn_km_telco")
    x, y = _telco(case, "data.csv")
    found = churn_model_rows(x, y, rng=np.random.default_rng(1), satisfaction=1, codes=(3, 4, 5))
    assert found.auc.value == pytest.approx(0.84, abs=0.005)
    assert found.calibration.slope.value == pytest.approx(1, abs=0.08)
    assert found.calibration.ece.value < 0.02
    assert found.mended == "isotonic"
    assert COLUMNS[found.drivers[0].at] == "Contract"
    assert found.drivers[0].rank == (1, 1)


def test_passengers_are_told_better_by_trees():
    case = Case("k06_random_forest_importance_airline")
    names = list(case.expected["permutation_importance"])
    found = tree_drivers_rows(case.matrix(names), case.column("sat"), rng=np.random.default_rng(1))
    first = {names[one.at] for one in found.drivers[:2]}
    assert first <= set(case.expected["rank_top3"])
    assert found.linear_r2.value == pytest.approx(38.1, abs=1)
    assert found.r2.value == pytest.approx(71, abs=1.5)  # scikit-learn, ten folds: 70.4
    assert found.gain.low > 25
