"""Weighted and clustered hazards beside those of R 4.2.2, survival 3.5.3, on data made here."""

import numpy as np
import pytest

from manyi.stats.churn import cox
from tests.stats.test_against_peers import near


def lives():
    rng = np.random.default_rng(7)
    n = 120
    x = [np.round(rng.normal(size=n), 1), rng.integers(0, 2, n), rng.integers(1, 6, n)]
    stay = np.ceil(rng.exponential(8 / np.exp(0.5 * x[0] - 0.3 * x[1])))
    seen = np.ceil(rng.exponential(12, n))
    left = (stay <= seen).astype(int)
    np.where(left == 1, rng.integers(1, 4, n), 0)
    w = np.round(rng.gamma(2, 1, n) + 0.1, 2)
    whole, cluster = rng.integers(1, 4, n), rng.integers(1, 31, n)
    return np.minimum(stay, seen), left, np.column_stack(x), w, whole, cluster


@pytest.mark.parametrize(
    ("ties", "weighted", "clustered", "told"),
    [
        (
            "efron",
            "whole",
            False,
            [
                [0.549799326, -0.0823828234, -0.147568575],
                [0.110269683, 0.16929124, 0.0569394399],
                [-692.31726, -677.812984],
                [0.654231215, 0.0406435169],
            ],
        ),
        (
            "efron",
            "sample",
            False,
            [
                [0.560516735, 0.0346062882, -0.0523703607],
                [0.166629249, 0.28434559, 0.0966731542],
                [-711.516932, -699.111624],
                [0.629505668, 0.0403990754],
            ],
        ),
        (
            "efron",
            "no",
            True,
            [
                [0.549977873, 0.020019746, -0.119913026],
                [0.17167747, 0.20268755, 0.112315207],
                [-276.223075, -269.739713],
                [0.646410722, 0.0334418165],
            ],
        ),
        (
            "efron",
            "sample",
            True,
            [
                [0.560516735, 0.0346062882, -0.0523703607],
                [0.188377193, 0.235476046, 0.129297935],
                [-711.516932, -699.111624],
                [0.629505668, 0.0430109328],
            ],
        ),
        (
            "breslow",
            "whole",
            False,
            [
                [0.52352605, -0.0884031308, -0.136631326],
                [0.109404799, 0.169170413, 0.056901656],
                [-698.538708, -685.275712],
                [0.655126989, 0.0405834967],
            ],
        ),
        (
            "breslow",
            "sample",
            False,
            [
                [0.541024563, 0.025522128, -0.049702975],
                [0.159254531, 0.271625553, 0.0916692938],
                [-717.238974, -705.657417],
                [0.629505668, 0.0403990754],
            ],
        ),
        (
            "breslow",
            "no",
            True,
            [
                [0.521374052, 0.0108513832, -0.111085092],
                [0.157878033, 0.188817146, 0.106728573],
                [-278.934488, -273.0293],
                [0.647092231, 0.0336404344],
            ],
        ),
        (
            "breslow",
            "sample",
            True,
            [
                [0.541024563, 0.025522128, -0.049702975],
                [0.17909907, 0.225012194, 0.122737855],
                [-717.238974, -705.657417],
                [0.629505668, 0.0430109328],
            ],
        ),
    ],
)
def test_weighted_and_clustered_hazards(ties, weighted, clustered, told):
    time, left, x, w, whole, cluster = lives()
    weights = {"no": None, "sample": w, "whole": whole}[weighted]
    ids = cluster if clustered else None
    found = cox.cox_rows(time, left, x, ties=ties, weights=weights, cluster=ids)
    near(found.coefficients, told[0])
    near(found.se, told[1])
    near([found.null_log_likelihood, found.log_likelihood], told[2])
    agreed = found.concordance
    near([agreed.value, agreed.half_width / 1.959963984540054], told[3])
    assert found.method == ("robust" if clustered or weighted == "sample" else "likelihood")


def test_weights_of_hazards_are_repetitions():
    time, left, x, _, whole, _ = lives()
    # Breslow's likelihood is that of rows repeated; Efron's depends on how many leave at once.
    one = cox.cox_rows(time, left, x, ties="breslow", weights=whole)
    many = (np.repeat(part, whole, axis=0) for part in (time, left, x))
    two = cox.cox_rows(*many, ties="breslow")
    near(one.coefficients, two.coefficients)
    near(one.se, two.se)
    assert one.concordance.value == pytest.approx(two.concordance.value)
