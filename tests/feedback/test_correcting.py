"""A person's word stands before the model's, survives re-reading, and teaches a head."""

from __future__ import annotations

import pytest

from manyi.accounts.models import AuditEntry
from manyi.feedback import analysing, correcting, heads, learning, rereading, taxonomy
from manyi.feedback.findings import findings
from manyi.feedback.models import Correction, FeedbackRecord, Learning, LearntHead
from manyi.kit.problems import Forbidden, Problem
from manyi.kit.selection import Selection
from manyi.lake import remembering
from manyi.lake.mentions import INTENT
from manyi.text.corrected import Verdict
from tests.factories import NOW, House, house
from tests.mentioning import mentions
from tests.voices import receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]
TEXT = "排队太久，服务员态度很好"
BAD = Verdict("polarity", "", -1)


@pytest.fixture
def home() -> House:
    home = house()
    receive(home.alice, voice(verbatim=TEXT, unit="N-001"))
    analysing.analyse_waiting(now=NOW)
    return home


def one() -> FeedbackRecord:
    return FeedbackRecord.objects.order_by("pk")[0]


def correct(home: House, *verdicts: Verdict) -> None:
    correcting.correct(by=home.analyst, record=one(), verdicts=verdicts, now=NOW)


def aspects(home: House) -> dict[str | None, str]:
    return {f["aspect"]: f["polarity"] for f in findings(home.scope(), one())["findings"]}


def counted(home: House, facet: str = "aspect") -> dict[str, float]:
    found = mentions(Selection(home.scope()), facet)
    return {m.aspect: float(m.moments.values @ m.moments.n) for m in found}


@pytest.mark.parametrize("in_files", [False, True])
def test_what_is_corrected_counts_at_once(home: House, in_files: bool) -> None:
    if in_files:
        remembering.append(home.organisation.pk, NOW)
    assert counted(home)["service.attitude"] == 1
    correct(
        home,
        BAD,
        Verdict("aspect", "service.attitude", -1),
        Verdict("aspect", "service.queue", None),
        Verdict("aspect", "price.value", 1, (0, 2)),
        Verdict("intent", "leaving", 1),
    )
    assert counted(home) == {"service.attitude": -1, "price.value": 1}
    assert "leaving" in counted(home, INTENT)
    told = findings(home.scope(), one())
    assert told["polarity"] == "negative"
    assert next(f for f in told["findings"] if f["aspect"] == "price.value")["words"] == ["排队"]


def test_it_stays_when_all_is_read_again_and_goes_when_withdrawn(home: House) -> None:
    before = aspects(home)
    correct(home, Verdict("aspect", "service.attitude", -1))
    rereading.choose(by=home.alice, pack_code="restaurant", own=(), now=NOW)
    rereading.work_on_next(now=NOW)
    assert aspects(home)["service.attitude"] == "negative"
    gone = {"kind": "aspect", "code": "service.attitude"}
    assert correcting.withdraw(by=home.analyst, record=one(), **gone, now=NOW)
    assert not correcting.withdraw(by=home.analyst, record=one(), **gone, now=NOW)
    assert aspects(home)["service.attitude"] == before["service.attitude"] == "positive"
    deeds = AuditEntry.objects.filter(action__startswith="feedback.").order_by("number")
    assert [d.action for d in deeds] == ["feedback.correct", "feedback.uncorrect"]


def test_it_stays_when_the_source_sends_another_text(home: House) -> None:
    correct(home, Verdict("aspect", "price.value", 1, (0, 2)))
    receive(home.alice, voice(source_ref=one().source_ref, verbatim="服务员态度很好", unit="N-001"))
    analysing.analyse_waiting(now=NOW)
    told = findings(home.scope(), one())["findings"]
    assert next(f for f in told if f["aspect"] == "price.value")["words"] == []


def test_who_may_and_what_may_be_said(home: House) -> None:
    for member in (home.viewer, home.external):
        with pytest.raises(Forbidden):
            correcting.correct(by=member, record=one(), verdicts=[BAD], now=NOW)
    wrong = [
        (Verdict("aspect", "no.such", 1), "correction.aspect_unknown"),
        (Verdict("intent", "dance", 1), "correction.intent_unknown"),
        (Verdict("polarity", "", None), "correction.polarity_missing"),
        (Verdict("aspect", "service.queue", 1, (5, 500)), "correction.place_invalid"),
    ]
    for verdict, code in wrong:
        with pytest.raises(Problem) as refused:
            correct(home, verdict)
        assert [e.code for e in refused.value.errors] == [code]
    assert not Correction.objects.exists()


def taught(home: House, n: int = 40) -> None:
    """The built-in model takes irony for praise."""
    for i in range(n):
        receive(
            home.alice, voice(verbatim=f"房间{i}号的电视真是太棒了呢", customer={"ref": f"C-{i}"})
        )
        receive(home.alice, voice(verbatim=f"第{i}次来，酒店很干净"))
    analysing.analyse_waiting(now=NOW)
    for r in FeedbackRecord.objects.filter(verbatim__contains="太棒了呢"):
        correcting.correct(by=home.analyst, record=r, verdicts=[BAD], now=NOW)


def confirmed(home: House, n: int = 12) -> None:
    good = Verdict("polarity", "", 1)
    for r in FeedbackRecord.objects.filter(verbatim__contains="干净")[:n]:
        correcting.correct(by=home.analyst, record=r, verdicts=[good], now=NOW)


def test_errors_alone_put_no_head_in_force(home: House) -> None:
    taught(home, 24)
    learning.learn_due(now=NOW)
    row = heads.latest(home.organisation.pk)
    assert row is not None
    assert not heads.is_of_use(row)
    assert row.texts is None


def test_a_head_is_learnt_and_put_in_force(home: House) -> None:
    taught(home)
    confirmed(home)
    assert learning.learn_due(now=NOW) == 1
    assert learning.learn_due(now=NOW) == 0
    row = heads.latest(home.organisation.pk)
    assert row is not None
    told = row.figures["texts"]
    assert (told["n"], told["used"]) == (52, True)
    assert told["after"]["value"] > 0.9 > told["before"]["value"]
    assert told["gain"]["low"] > 0
    assert told["changed"] < 0.1
    learning.use(by=home.alice, now=NOW)
    rereading.work_on_next(now=NOW)
    assert analysing.model(home.organisation.pk).endswith("+own-1")
    receive(home.alice, voice(verbatim="前台真是太棒了呢"), voice(verbatim="前台很热情"))
    analysing.analyse_waiting(now=NOW)
    last = list(FeedbackRecord.objects.order_by("-pk")[:2])
    assert [findings(home.scope(), r)["polarity"] for r in last] == ["positive", "negative"]
    assert findings(home.scope(), last[0])["model"].endswith("+own-1")
    learning.leave(by=home.alice, now=NOW)
    rereading.work_on_next(now=NOW)
    assert "own" not in analysing.model(home.organisation.pk)


def test_what_a_customer_taught_is_forgotten_at_once(home: House) -> None:
    taught(home, 24)
    confirmed(home)
    learning.learn_due(now=NOW)
    learning.use(by=home.alice, now=NOW)
    rereading.work_on_next(now=NOW)
    hers = list(FeedbackRecord.objects.exclude(customer=None).values_list("pk", flat=True)[:2])
    assert learning.forget_records(hers, NOW) == 2
    assert not LearntHead.objects.exists()
    assert taxonomy.current(home.organisation.pk).learned is None
    learning.learn_due(now=NOW)
    learned = taxonomy.current(home.organisation.pk).learned
    assert learned is not None
    assert learned.number == 2
    assert learning.forget_records(hers, NOW) == 0
    learning.forget(by=home.alice, now=NOW)
    assert not LearntHead.objects.exists()
    assert not Learning.objects.get().is_on
    assert Correction.objects.count() == 34


def test_too_few_teach_nothing(home: House) -> None:
    taught(home, 5)
    learning.learn_due(now=NOW)
    assert heads.latest(home.organisation.pk) is None
    with pytest.raises(Problem) as refused:
        learning.use(by=home.alice, now=NOW)
    assert refused.value.code == "learning.nothing"


def presence_taught(home: House, said: list[Verdict], gone: list[Verdict]) -> None:
    """What the built-in model does not find in a third of texts, and finds in a third wrongly."""
    for i in range(12):
        receive(
            home.alice,
            voice(verbatim=f"昨天{i}点还在蹲桶", customer={"ref": f"D-{i}"}),
            voice(verbatim=f"大厅{i}号排队机很新"),
            voice(verbatim=f"第{i}次来，排队太久"),
        )
    receive(home.alice, *(voice(verbatim=f"第{i}间很干净") for i in range(20)))
    analysing.analyse_waiting(now=NOW)
    for r in FeedbackRecord.objects.exclude(verbatim__contains="干净"):
        verdicts = gone if "排队机" in r.verbatim else said
        if r.verbatim != TEXT:
            correcting.correct(by=home.analyst, record=r, verdicts=verdicts, now=NOW)


def test_heads_for_themes_and_intents_are_learnt_used_and_forgotten(home: House) -> None:
    code = "service.queue"
    kinds = [("aspect", code), ("intent", "leaving")]
    gone = [Verdict(*kind, None) for kind in kinds]
    presence_taught(home, [Verdict(*kind, 1) for kind in kinds], gone)
    learning.learn_due(now=NOW)
    row = heads.latest(home.organisation.pk)
    assert row is not None
    theme, intent = row.figures[f"aspect:{code}"], row.figures["intent:leaving"]
    assert (theme["n"], theme["said"], theme["used"]) == (36, 24, True)
    assert theme["after"]["value"] > 0.9 > theme["before"]["value"]
    assert theme["gain"]["low"] > 0
    assert theme["changed"] == 0 < theme["others"]
    assert (intent["n"], intent["said"]) == (36, 24)
    learning.use(by=home.alice, now=NOW)
    rereading.work_on_next(now=NOW)
    receive(home.alice, voice(verbatim="前天还在蹲桶"), voice(verbatim="新排队机很新"))
    analysing.analyse_waiting(now=NOW)
    last = list(FeedbackRecord.objects.order_by("-pk")[:2])
    named = [{f["aspect"] for f in findings(home.scope(), r)["findings"]} for r in last]
    assert code in named[1] and code not in named[0]
    assert findings(home.scope(), last[1])["intents"].count("leaving") == intent["used"]
    hers = list(FeedbackRecord.objects.exclude(customer=None).values_list("pk", flat=True)[:2])
    assert learning.forget_records(hers, NOW) == 4
    assert not LearntHead.objects.exists()
    learning.learn_due(now=NOW)
    again = heads.latest(home.organisation.pk)
    assert again is not None
    assert again.figures[f"aspect:{code}"]["n"] + again.figures["intent:leaving"]["n"] == 68


def test_one_kind_of_verdict_teaches_no_theme(home: House) -> None:
    receive(home.alice, *(voice(verbatim=f"昨天{i}点还在蹲桶") for i in range(30)))
    analysing.analyse_waiting(now=NOW)
    for r in FeedbackRecord.objects.exclude(verbatim=TEXT):
        said = [Verdict("aspect", "service.queue", -1)]
        correcting.correct(by=home.analyst, record=r, verdicts=said, now=NOW)
    learning.learn_due(now=NOW)
    assert heads.latest(home.organisation.pk) is None
