"""Shares of plain counts: response, completion, and any other k of n.

Counts know neither weights nor customers; where both are known, `metrics.estimate` and
`survey.design.share_rows` give the same share with the errors of whole customers.
"""

from __future__ import annotations

from manyi.stats import intervals
from manyi.stats.result import Estimate, Note, nothing


def share_counts(successes: int, n: int, *, level: float = 0.95) -> Estimate:
    """Return successes of n in percent with Wilson's interval (ValueError if not within n)."""
    if not 0 <= successes <= n:
        raise ValueError("the successes are among the n")
    if n == 0:
        return nothing(level=level, warnings=(Note("no_answers"),))
    ends = intervals.wilson(successes, n, level)
    value = 100 * successes / n
    return Estimate(value, ends.low * 100, ends.high * 100, level, n, float(n), None, "wilson")


def response_rate_counts(answered: int, invited: int, *, level: float = 0.95) -> Estimate:
    """Return the share of delivered invitations that were answered 应答率."""
    return share_counts(answered, invited, level=level)


def completion_rate_counts(finished: int, started: int, *, level: float = 0.95) -> Estimate:
    """Return the share of started questionnaires that were finished 完成率."""
    return share_counts(finished, started, level=level)
