"""No bare number leaves the statistics: every figure about customers is an Estimate or a Test.

The walk lists each field and property of every public class that holds floats. What stands in
the lists below is no figure about customers, for one of few reasons; all else must be an
`Estimate`, a `Test`, or a table of them.
"""

import importlib
import inspect
import pkgutil
import re
from dataclasses import fields, is_dataclass
from functools import cached_property

import manyi.stats

FLOATS = re.compile(r"\bfloat\b|FloatArray|ArrayLike|NDArray\[np\.float")
TOLD = re.compile(r"\b(Estimate|Test)\b")

# The two shapes themselves, and the two ends of an interval that they are made with.
ITSELF = {
    "result.Estimate": "value low high level n_effective df half_width",
    "result.Test": "statistic p df",
    "result.Overall": "df df2 p statistic",
    "intervals.Interval": "low high",
}

# What the caller gave, handed back so that the result can be read by itself.
GIVEN = {
    "churn.lift.Gain": "share",
    "churn.lift.Line": "threshold",
    "composite.Leaf": "weight",
    "composite.Branch": "weight",
    "effect.staggered.Staggered": "anticipation",
    "errors.Errors": "level",
    "errors.NormalTheory": "covariance level",
    "explain.groups.Split": "y level",
    "explain.lines.Line": "y x level",
    "explain.rows.Rows": "weights",
    "explain.shapes.Explained": "level",
    "explain.shapes.Variable": "values",
    "explain.tables.Crossed": "level",
    "funnels.Funnel": "bounds",
    "many.Side": "y bounds",
    "monitor.sequential.Ewma": "weight width",
    "monitor.sequential.Cusum": "slack decision",
    "survey.outcomes.Outcomes": "e",
    "survey.rake.Margin": "totals",
    "trees.boosting.Growth": "rate least ridge",
    "trees.jackknife.Jackknife": "level",
}

# Where on an axis a point or a line is drawn, and constants of a design or of a computation.
AXIS = {
    "churn.calibration.Bin": "told",
    "distribution.Share": "value",
    "drivers.priorities.Priorities": "importance performance",
    "effect.planner.Plan": "exact",
    "funnels.Funnel": "centre sd",
    "funnels.Point": "value n_effective",
    "effect.staggered.GroupTime": "first time",
    "monitor.sequential.Ewma": "limit",
    "effect.counterfactual.Counterfactual": "wander",
    "survey.rake.Raked": "error",
    "survey.weighting.CellWeights": "trimmed",
    "survey.weighting.Weighted": "deff",
    "trees.shapes.Step": "low high",
}

# Answers themselves: sorted, summed, told apart or marked, one number a row or a period.
DATA = {
    "churn.survival.Lifetimes": "time events censored at_risk",
    "cross.CrossMoments": "sum_w2 by_group products n_effective means",
    "explain.shapes.Explained": "table",
    "forecast.Seasons": "seasonal trend remainder",
    "moments.Moments": "values w w2 by_group sum_w sum_w2 kish",
    "monitor.charts.Chart": "points center low high sd",
    "monitor.seasonal.Calendar": "adjusted",
    "monitor.sequential.Ewma": "value",
    "monitor.sequential.Cusum": "above below",
    "monitor.sequential.Path": "upper lower limit",
    "quality.Outlyingness": "distance p",
    "stacked.Stack": "values w w2 by_group sum_w weight kish",
}

# Numbers by which fits of the same rows are compared, and that mean nothing by themselves.
CRITERION = {
    "arima.Arima": "log_likelihood aic",
    "churn.cox.Cox": "null_log_likelihood log_likelihood",
    "churn.weibull.Weibull": "log_likelihood",
    "drivers.ordinal.Ordinal": "deviance",
    "effect.series.AutoRegression": "log_likelihood",
    "forecast.Smoothed": "sse",
    "latent.cfa.Confirmed": "log_likelihood aic bic",
    "logistic.Logistic": "log_likelihood null_log_likelihood deviance aic mcfadden nagelkerke",
    "maxdiff.MaxDiff": "log_likelihood",
    "monitor.changepoint.ChangePoints": "bic rss",
}

# The inside of a method: out of these the named function or method makes its Estimates.
INSIDE = {
    "arima.Arima": (
        "arima.Arima.ahead",
        "values ar ma seasonal_ar seasonal_ma mean variance residuals",
    ),
    "churn.competing.Incidence": (
        "churn.competing.Incidence.estimate",
        "time share variance n_effective",
    ),
    "churn.cox.Cox": (
        "churn.cox.Cox.estimate",
        "coefficients covariance se time event risk weights",
    ),
    "churn.lives.Lives": ("churn.survival.retention_rows", "time event weights df"),
    "churn.lives.Passed": ("churn.survival.retention_rows", "time left risk greenwood own"),
    "churn.lives.Score": ("churn.survival.log_rank", "away covariance information"),
    "churn.model.ChurnModel": ("churn.calibration.calibration_rows", "told"),
    "churn.recalibration.Recalibrated": ("churn.calibration.calibration_rows", "told said"),
    "churn.survival.Curve": ("churn.survival.Curve.at", "share se low high level"),
    "churn.weibull.Weibull": (
        "churn.weibull.Weibull.time_ratio",
        "coefficients scale covariance se",
    ),
    "coefficients.Coefficients": (
        "coefficients.Coefficients.estimate",
        "coefficients covariance df se t p",
    ),
    "drivers.linear.Regression": (
        "coefficients.Coefficients.estimate",
        "coefficients covariance df",
    ),
    "drivers.ordinal.Ordinal": (
        "drivers.ordinal.Ordinal.estimate",
        "coefficients thresholds covariance se",
    ),
    "effect.did.EventStudy": ("effect.did.EventStudy", "se"),
    "effect.ols.Fit": ("effect.ols.Fit.estimate", "x coefficients residuals bread root"),
    "effect.ols.SmallSample": ("effect.ols.SmallSample.test", "covariance adjusted spread"),
    "effect.series.AutoRegression": (
        "coefficients.Coefficients.estimate",
        "coefficients covariance df",
    ),
    "effect.staggered.Staggered": (
        "effect.staggered.Staggered.overall",
        "first time effects pulls started weights",
    ),
    "errors.Errors": ("errors.Errors.estimates", "covariance"),
    "errors.ByCustomer": ("errors.ByCustomer.estimates", "covariance"),
    "forecast.Smoothed": ("forecast.Smoothed.ahead", "alpha start level variance"),
    "latent.cfa.Confirmed": (
        "latent.cfa.Confirmed.loading",
        "loadings se standardised phi theta standardised_covariance",
    ),
    "latent.efa.Factors": (
        "latent.efa.loading_estimates",
        "loadings phi uniqueness communality",
    ),
    "latent.fit.Misfit": (
        "latent.fit.Misfit.fit",
        "chi base base_df srmr scaling base_scaling told",
    ),
    "latent.missing.Filled": ("reliability.reliability_of_covariance", "means covariance"),
    "latent.ordered.Ordered": (
        "latent.ordinal.confirm_ordinal_rows",
        "correlations thresholds covariance below",
    ),
    "latent.ordinal.OrdinalFactors": (
        "latent.ordinal.OrdinalFactors.loading",
        "loadings se standardised standardised_se phi thresholds",
    ),
    "latent.pls.Solution": (
        "latent.measured.measured",
        "weights loadings correlations paths r2",
    ),
    "logistic.Logistic": (
        "logistic.Logistic.estimate",
        "coefficients covariance n se",
    ),
    "means.FTest": ("segments.anova", "statistic df df2 p"),
    "means.Means": (
        "segments.anova",
        "values covariance together df n_effective freedom se",
    ),
    "pooling.Pool": ("pooling.shrunken", "mean mean_variance between within icc"),
    "spread.Spread": ("metrics.estimate", "value se df n_effective people skew voices"),
    "stacked.Spreads": (
        "many.estimates",
        "value se df n_effective people skew voices",
    ),
    "survey.design.Design": ("survey.design.Linear.estimate", "weights fpc auxiliary base"),
    "survey.design.Linear": ("survey.design.Linear.estimate", "values covariance df deff se"),
    "survey.imputation.Pooled": (
        "survey.imputation.Pooled",
        "within between total missing_information share_between relative_increase",
    ),
    "survey.models.RaoScott": ("explain.choice.explain", "f df p chi_square chi_p"),
    "survey.models.SampleRegression": (
        "coefficients.Coefficients.estimate",
        "coefficients covariance df",
    ),
    "survey.nonresponse.Propensity": (
        "survey.nonresponse.Propensity.r_indicator",
        "x propensities",
    ),
    "survey.nonresponse.Classes": ("survey.design.share_rows", "edges factors weights"),
    "survey.rake.Raked": ("survey.design.share_rows", "factors"),
    "survey.replicate.Replicates": ("survey.replicate.Replicates.estimate", "weights scales"),
    "survey.weighting.CellWeights": ("metrics.estimate", "factors"),
    "trees.boosting.Boosted": ("drivers.trees.tree_drivers_rows", "base value cover path"),
    "trees.folds.Fitted": ("drivers.trees.tree_drivers_rows", "told weights"),
    "trees.jackknife.Jackknife": (
        "trees.jackknife.Jackknife.estimate",
        "whole without n_effective df",
    ),
    "trees.shapley.Shapley": ("drivers.trees.tree_drivers_rows", "base values"),
    "trees.splits.Splits": ("drivers.trees.tree_drivers_rows", "at"),
}

LISTS = (ITSELF, GIVEN, AXIS, DATA, CRITERION)


def modules():
    for one in pkgutil.walk_packages(manyi.stats.__path__, "manyi.stats."):
        yield one.name.removeprefix("manyi.stats."), importlib.import_module(one.name)


def public_classes():
    for name, module in modules():
        for key, one in vars(module).items():
            if inspect.isclass(one) and one.__module__ == module.__name__ and key[0] != "_":
                yield f"{name}.{key}", one


def members(one):
    """Yield the name and annotation of every public field and property of a class."""
    named = [(f.name, f.type) for f in fields(one)] if is_dataclass(one) else []
    if not is_dataclass(one) and not issubclass(one, dict):
        named = list(getattr(one, "__annotations__", {}).items())
    for name, value in vars(one).items():
        got = value.fget if isinstance(value, property) else getattr(value, "func", None)
        if isinstance(value, property | cached_property) and got is not None:
            named.append((name, got.__annotations__.get("return", "")))
    return [(name, str(kind)) for name, kind in named if name[0] != "_"]


def bare():
    for name, one in public_classes():
        for member, kind in members(one):
            if FLOATS.search(kind) and not TOLD.search(kind) and "Callable" not in kind:
                yield name, member


def listed():
    for one in LISTS:
        for name, members_ in one.items():
            yield from ((name, member) for member in members_.split())
    for name, (_, members_) in INSIDE.items():
        yield from ((name, member) for member in members_.split())


def test_no_bare_float_leaves():
    assert sorted(set(bare()) - set(listed())) == []


def test_the_lists_name_only_what_is_there():
    assert sorted(set(listed()) - set(bare())) == []
    assert len(list(listed())) == len(set(listed()))


def test_coefficients_are_told_by_the_class_itself():
    told_by = {name: place for name, (place, _) in INSIDE.items()}
    for name, one in public_classes():
        if told_by.get(name) == "coefficients.Coefficients.estimate":
            assert hasattr(one, "estimate"), name


def makes_estimates(place):
    """Return whether a function, method or class hands out Estimates or Tests."""
    *path, last = place.split(".")
    for split in range(len(path), 0, -1):
        try:
            found = importlib.import_module("manyi.stats." + ".".join(path[:split]))
        except ModuleNotFoundError:
            continue
        for name in [*path[split:], last]:
            found = getattr(found, name)
        break
    if inspect.isclass(found):
        return tells(found)
    kind = found.__annotations__["return"]
    classes = {name.split(".")[-1]: one for name, one in public_classes()}
    named = [classes[word] for word in re.findall(r"\w+", kind) if word in classes]
    return bool(TOLD.search(kind)) or any(map(tells, named))


def tells(one):
    """Return whether a class holds Estimates or Tests, or has a method that makes them."""
    methods = [getattr(each, "__annotations__", {}) for each in vars(one).values()]
    made = " ".join(str(each.get("return", "")) for each in methods)
    return bool(TOLD.search(made)) or any(TOLD.search(kind) for _, kind in members(one))


def test_the_inside_of_a_method_ends_in_estimates():
    assert [name for name, (place, _) in INSIDE.items() if not makes_estimates(place)] == []
