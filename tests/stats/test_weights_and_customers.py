"""Every estimator takes sample weights and customers, or says in its name that it cannot."""

import inspect
import re

from tests.stats.test_no_bare_floats import TOLD, modules, public_classes, tells

# What carries weights and customers by itself.
CARRIES = re.compile(
    r"\b(Moments|CrossMoments|Errors|Design|Linear|Replicates|Node|Stack|Side|Rows|Split|Line"
    r"|Crossed|Means|Variable|Coefficients|Estimate|Spread|Propensity|Fit|Solution|Outcomes|Fitted|Test|Lives|FTest|Overall)\b"
)
# Rows of units and not of customers: the unit is the cluster.
CLUSTER = ("cluster", "people", "unit", "psu", "is_now")
# What the name says: counts, one number a period, plans before anybody was asked, sums of
# other people's numbers, and methods that suppose one answer a customer of equal weight.
SAID = re.compile(
    r"(^|_)(counts|unweighted|periods|arima|smooth|nothing|plan|power|precision|least_difference|design_effect"
    r"|from_moments|forecast|back_test|conformal|ljung_box|pool|expected_count|change_points|covariance|table"
    r"|regression_to_the_mean)(_|$)"
)

# A fit takes weights; the errors of customers are asked of it afterwards, `Fit.clustered`.
ASKED = {"effect.ols.fit_rows"}


def result_classes():
    return {name.split(".")[-1] for name, one in public_classes() if tells(one)}


def estimators():
    results = result_classes()
    for module, where in modules():
        for name, one in vars(where).items():
            if not inspect.isfunction(one) or one.__module__ != where.__name__ or name[0] == "_":
                continue
            told = str(one.__annotations__.get("return", ""))
            if results & set(re.findall(r"\w+", told)) or TOLD.search(told):
                yield f"{module}.{name}", one


def can(one):
    """Return whether the function takes weights and customers, or what carries them."""
    parameters = inspect.signature(one).parameters
    kinds = " ".join(str(each.annotation) for each in parameters.values())
    given = "weights" in parameters and any(key in parameters for key in CLUSTER)
    return given or bool(CARRIES.search(kinds))


def without():
    return {
        name for name, one in estimators() if not can(one) and not SAID.search(name.split(".")[-1])
    }


def test_every_estimator_takes_weights_and_customers_or_says_so():
    assert without() == ASKED
