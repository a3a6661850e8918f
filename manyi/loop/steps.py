"""The product, as one tuple: what each turn of the loop does, in the order a voice travels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from manyi.accounts import expiry
from manyi.base import allowances
from manyi.connectors import forgetting as imports_gone
from manyi.connectors import importing
from manyi.connectors.llm import naming, summarising
from manyi.connectors.llm import reading as outside
from manyi.feedback import actions as feedback
from manyi.feedback import analysing, learning, rereading, search, standard
from manyi.lake import remembering as mentions
from manyi.lake import writing as lake
from manyi.loop import apart
from manyi.metrics import actions as indicators
from manyi.reports import actions as exports
from manyi.reports import forgetting as exports_gone
from manyi.reports.analysis import leaving
from manyi.themes import looking, vectors
from manyi.upkeep import audited, erasure, keys, retention


@dataclass(frozen=True)
class Step:
    """A step takes the time and returns how much it did; `every` spares needless turns, and what
    is heavy and can wait comes so long `after` the start, when a server has enough to do.

    One that waits for somebody else is done aside: nothing of ours waits with it.
    """

    name: str
    run: Callable[[datetime], int]
    every: timedelta = timedelta(0)
    is_aside: bool = False
    after: timedelta = timedelta(0)


def _aside(name: str, run: Callable[[datetime], int], every: timedelta) -> Step:
    return Step(name, run, every, is_aside=True)


_AT_REST = timedelta(minutes=10)
STEPS: tuple[Step, ...] = (
    Step("imports", lambda now: importing.work_on_next(now=now)),
    Step("exports", lambda now: exports.work_on_next(now=now)),
    Step("partial", lambda now: feedback.mark_partial(now=now), timedelta(minutes=5)),
    Step("search", lambda now: search.index_waiting()),
    Step("rereading", lambda now: rereading.work_on_next(now=now)),
    Step("old findings", lambda now: rereading.drop_old(now=now), timedelta(seconds=10)),
    Step("analysis", lambda now: analysing.analyse_waiting(now=now)),
    Step("standard", lambda now: standard.judge_due(now=now), timedelta(seconds=2)),
    Step("learning", lambda now: learning.learn_due(now=now), timedelta(seconds=2)),
    _aside("outside readings", lambda now: outside.read_due(now=now), timedelta(seconds=2)),
    _aside("summaries", lambda now: summarising.summarise_due(now=now), timedelta(seconds=2)),
    _aside("theme names", lambda now: naming.name_due(now=now), timedelta(minutes=1)),
    Step("careless", lambda now: leaving.leave_out_flagged(now), timedelta(seconds=2)),
    Step("lake", lambda now: lake.append_new(now=now), timedelta(seconds=2)),
    Step("mentions", lambda now: mentions.append_mentions(now=now), timedelta(seconds=2)),
    Step("vectors", lambda now: vectors.append_new(now=now), timedelta(seconds=5)),
    Step("erasure", lambda now: erasure.erase_due(now=now), timedelta(seconds=10)),
    Step("old imports", lambda now: imports_gone.forget_imports(now=now), timedelta(seconds=10)),
    Step("old exports", lambda now: exports_gone.forget_exports(now=now), timedelta(seconds=10)),
    Step("old vectors", lambda now: vectors.forget_erased(now=now), timedelta(seconds=10)),
    Step("compact", lambda now: lake.compact(now=now), timedelta(minutes=5)),
    Step("sweep", lambda now: lake.sweep(now=now), timedelta(minutes=10)),
    Step("vector files", lambda now: vectors.tidy(now=now), timedelta(minutes=5)),
    Step("vector check", lambda now: vectors.recheck(now=now), timedelta(hours=1)),
    Step("unnamed themes", lambda now: looking.look_due(now=now), timedelta(minutes=10)),
    Step("recount", lambda now: apart.run("recount"), timedelta(hours=24), after=_AT_REST),
    Step("indicators", lambda now: indicators.equip_new(), timedelta(seconds=10)),
    Step("keys", lambda now: keys.reseal(now=now), timedelta(seconds=5)),
    Step("audit", lambda now: audited.remember(now=now), timedelta(minutes=1)),
    Step("allowances", lambda now: allowances.sweep(now=now), timedelta(minutes=10)),
    Step("expiry", lambda now: expiry.drop_expired(now=now), timedelta(hours=1)),
    Step("retention", lambda now: retention.clear_leftovers(now=now), timedelta(hours=1)),
)
