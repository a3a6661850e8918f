"""Themes lead to their voices; a record shows what was found, with the words marked."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from manyi.feedback import analysing, rereading
from manyi.feedback.models import FeedbackRecord, Reading
from manyi.web.themes import feelings
from tests.factories import NOW, House, house
from tests.voices import published, rated, receive, voice

pytestmark = [pytest.mark.django_db]
GOOD, BAD = "服务员态度很好", "排队太久了，服务员态度很差"
DAYS = "?from=2026-10-01&to=2026-10-31"


@pytest.fixture
def home() -> House:
    home = house()
    receive(
        home.alice,
        *(voice(verbatim=GOOD, unit="N-001") for _ in range(20)),
        *(voice(verbatim=BAD, unit="S-001") for _ in range(12)),
    )
    analysing.analyse_waiting(now=NOW)
    return home


@pytest.fixture
def client(home: House) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(home.alice.user)
    return client


def page(client: Client, name: str, query: str = DAYS, *args: object) -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_count_leads_to_as_many_voices(client: Client) -> None:
    shown = page(client, "themes")
    assert "Queueing" in shown or "Waiting" in shown
    found = re.search(r'href="([^"]*aspect=service\.attitude&amp;polarity=negative)">−(\d+)', shown)
    assert found
    inbox = client.get(found[1].replace("&amp;", "&")).content.decode()
    assert found[2] == "12"
    assert "12 voices" in inbox
    assert "<mark>态度</mark>" in inbox


def test_no_complaint_is_about_an_intent_nor_the_whole(home: House, client: Client) -> None:
    receive(home.alice, *(voice(verbatim="总体很差，整体很差", unit="S-001") for _ in range(40)))
    analysing.analyse_waiting(now=NOW)
    shown = page(client, "themes")
    assert "Most spoken of: Overall · Overall" in shown
    assert "The most complaints: Service · " in shown
    assert "The most complaints" not in page(client, "themes-intents")


def test_every_tab_opens_and_downloads(client: Client) -> None:
    assert "Complaint" in page(client, "themes-intents")
    assert "Net sentiment by unit and theme" in page(client, "themes-units")
    assert "Words and phrases" in page(client, "themes-words")
    table = client.get(reverse("themes") + DAYS + "&format=csv")
    assert b"service.attitude" in b"".join(table.streaming_content)  # type: ignore[attr-defined]
    table = client.get(reverse("themes-units") + DAYS + "&format=csv")
    cells = b"".join(table.streaming_content).decode()  # type: ignore[attr-defined]
    assert re.search(r"N-001,[^,]+,service\.attitude,[^,]+,20,100", cells)


def test_an_emotion_leads_to_as_many_voices(client: Client) -> None:
    shown = page(client, "themes-emotions")
    assert "Share of voices by emotion" in shown
    found = re.search(
        r'href="([^"]*emotion=happy)">Joy</a>.*?data-label="Voices">(\d+)', shown, re.DOTALL
    )
    assert found
    assert f"{found[2]} voices" in client.get(found[1].replace("&amp;", "&")).content.decode()
    table = client.get(reverse("themes-emotions") + DAYS + "&format=csv")
    told = b"".join(table.streaming_content).decode()  # type: ignore[attr-defined]
    n = [int(line.split(",")[2]) for line in told.splitlines()[1:] if line.strip()]
    assert sum(n) == 32
    assert "Emotions by unit" in shown
    table = client.get(reverse("themes-emotions") + DAYS + "&format=csv&table=units")
    told = b"".join(table.streaming_content).decode()  # type: ignore[attr-defined]
    assert re.search(r"N-001,[^,]+,happy,Joy,\d+,\d", told)
    assert sum(int(line.split(",")[4]) for line in told.splitlines()[1:] if line.strip()) == 32


def test_of_many_voices_emotions_by_unit_come_by_themselves(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = page(client, "themes-emotions")
    monkeypatch.setattr(feelings, "AT_ONCE", 31)
    shown = page(client, "themes-emotions")
    assert "Emotions by unit" in at_once
    assert "Emotions by unit" not in shown
    found = re.search(r'hx-get="([^"]*part=units[^"]*)"', shown)
    assert found
    part = client.get(reverse("themes-emotions") + found[1].replace("&amp;", "&")).content.decode()
    assert part.strip().startswith("<section")
    cells = [" ".join(re.findall(r"<td.*?</td>", one)) for one in (part, at_once)]
    assert cells[0] and cells[0] in cells[1]
    assert "part=" not in part


def test_words_are_a_cloud_and_a_table_of_the_same(home: House, client: Client) -> None:
    around = [
        ("周末", "很差"),
        ("早上", "太慢"),
        ("这里", "真糟"),
        ("他们家", "坏了"),
        ("又是", "难用"),
    ]
    said = [f"{a}充电桩{b}，很失望" for a, b in around for _ in range(3)]
    receive(home.alice, *(voice(verbatim=one) for one in said))
    analysing.analyse_waiting(now=NOW)
    shown = page(client, "themes-words")
    cloud = re.search(r'<ul class="cloud">(.*?)</ul>', shown, re.DOTALL)
    assert cloud
    assert re.search(r'class="w\d tone-negative" href="[^"]*q=[^"]+"[^>]*>充电桩', cloud[1])
    assert "Negative, 15 people" in cloud[1]
    table = shown.split("The same as a table")[1]
    assert len(re.findall('<th scope="row">', table)) == cloud[1].count("<li>")
    told = client.get(reverse("themes-words") + DAYS + "&format=csv")
    assert "充电桩" in b"".join(told.streaming_content).decode()  # type: ignore[attr-defined]


def test_words_of_few_people_are_not_shown(home: House, client: Client) -> None:
    around = [
        ("周末", "很差"),
        ("早上", "太慢"),
        ("这里", "真糟"),
        ("他们家", "坏了"),
        ("又是", "难用"),
    ]
    said = [f"{a}充电桩{b}，很失望" for a, b in around for _ in range(3)]
    one = {"ref": "C-1", "name": "王芳"}
    receive(home.alice, *(voice(verbatim=words, customer=one) for words in said))
    analysing.analyse_waiting(now=NOW)
    assert "充电桩" not in page(client, "themes-words")


def test_themes_are_tiles_that_lead_to_their_voices(client: Client) -> None:
    shown = page(client, "themes")
    assert 'class="tiles only-wide"' in shown
    assert 'class="tiles only-phone"' in shown
    found = re.search(r'<a href="([^"]*aspect=service[^"]*)" class="tile on-([a-z-]+) ', shown)
    assert found
    assert client.get(found[1].replace("&amp;", "&")).status_code == 200


def test_a_record_shows_what_was_found(client: Client) -> None:
    record = FeedbackRecord.objects.filter(verbatim=BAD)[0]
    shown = page(client, "feedback-one", "", record.pk)
    assert "What it says" in shown
    assert re.search(r'<mark class="says-negative" title="[^"]+">态度</mark>', shown)
    assert "fast-" in shown


def test_hostile_words_stay_words(home: House, client: Client) -> None:
    receive(home.alice, voice(source_ref="x", verbatim="<script>alert(1)</script>态度很差"))
    analysing.analyse_waiting(now=NOW)
    record = FeedbackRecord.objects.get(source_ref="x")
    shown = page(client, "feedback-one", "", record.pk)
    assert "<script>alert" not in shown
    assert "&lt;script&gt;" in shown


def test_a_taxonomy_is_tried_and_put_in_force(home: House, client: Client) -> None:
    form = {"pack": "restaurant", "own": "store.robot | 机器人 | Robot | 机器人，robot"}
    address = reverse("themes-taxonomy")
    tried = client.post(address, {**form, "act": "try", "sentence": "机器人太差了"})
    assert "Robot" in tried.content.decode()
    typed = client.post(reverse("themes-taxonomy-try"), {**form, "sentence": "机器人太差了"})
    assert "Robot" in typed.content.decode() and "<html" not in typed.content.decode()
    assert rereading.work_on_next(now=NOW) == 0
    wrong = client.post(address, {**form, "own": "Bad | | | x", "act": "choose"}).content.decode()
    assert "“Bad” is no code" in wrong
    assert client.post(address, {**form, "act": "choose"}).status_code == 302
    assert "Texts are being read again" in page(client, "themes")
    assert rereading.work_on_next(now=NOW) == 33
    assert "store.robot" in page(client, "themes-taxonomy")


def test_after_an_upgrade_pages_name_the_model_that_read_and_all_is_read_again(
    home: House, client: Client
) -> None:
    assert "Read all again" not in page(client, "themes")
    assert 'value="again"' not in page(client, "themes-taxonomy")
    Reading.objects.update(model="fast-0.9.0")
    assert "Read by the model fast-0.9.0 on this installation" in page(client, "themes")
    assert "Read all again" in page(client, "themes-units")
    assert 'value="again"' in page(client, "themes-taxonomy")
    client.post(reverse("themes-taxonomy"), {"act": "again"})
    assert "Texts are being read again" in page(client, "themes")
    assert "Read by the model fast-0.9.0 on this installation" in page(client, "themes")
    while rereading.work_on_next(now=NOW):
        pass
    assert "fast-0.9.0" not in page(client, "themes")


def test_texts_are_counted_as_texts_and_words_stand_in_the_readers_language(
    home: House, client: Client
) -> None:
    shown = page(client, "themes-taxonomy", "")
    assert re.search(r"bill, check, [^<]* …</td>", shown) or "attentive, attitude, " in shown
    client.post(reverse("themes-taxonomy"), {"act": "again"})
    assert "0 of 32 texts" in page(client, "themes")
    client.cookies["manyi_language"] = "zh-hans"
    assert "0 / 32 条" in page(client, "themes")
    assert "不耐烦、亲切、" in page(client, "themes-taxonomy", "")


def test_a_drop_leads_to_the_voices_it_goes_with(home: House, client: Client) -> None:
    before = {"occurred_at": "2026-09-15T09:00:00+08:00"}
    receive(home.alice, *(rated(5, verbatim=GOOD, unit="N-001", **before) for _ in range(60)))
    receive(home.alice, *(rated(1, verbatim=BAD, unit="S-001") for _ in range(30)))
    analysing.analyse_waiting(now=NOW)
    shown = page(client, "themes-changes")
    assert "The change goes first of all with" in shown
    found = re.search(r'href="([^"]*aspect=[^"]*polarity=negative[^"]*unit=S-001)"', shown)
    assert found
    assert "12 voices" not in client.get(found[1].replace("&amp;", "&")).content.decode()
    assert "not what causes it" in shown
    table = client.get(reverse("themes-changes") + DAYS + "&format=csv")
    assert b"Part of the change" in b"".join(table.streaming_content)
    assert reverse("themes-changes") in page(client, "overview")


def test_no_change_is_claimed_of_few_scores(client: Client) -> None:
    assert "Too few scores to compare" in page(client, "themes-changes")


def test_a_cell_that_is_hidden_is_not_called_too_few(home: House, client: Client) -> None:
    survey = published(home.alice, "csat", is_anonymous=True).survey
    for text, n in ((BAD, 3), ("东西很便宜", 40)):
        said = (voice(verbatim=text, survey=survey.code, unit="N-002") for _ in range(n))
        receive(home.alice, *said)
    analysing.analyse_waiting(now=NOW)
    feelings = ["angry"] * 2 + ["happy"] * 20 + ["sad"] * 21
    mine = Reading.objects.filter(record__unit__code="N-002").order_by("pk")
    for one, felt in zip(mine, feelings, strict=True):
        Reading.objects.filter(pk=one.pk).update(emotion=felt)
    for name in ("themes-units", "themes-emotions"):
        assert re.search("<td[^>]*>hidden to protect privacy</td>", page(client, name))


@pytest.mark.parametrize(("language", "between"), [("en", ". <a"), ("zh-hans", "。<a")])
def test_sentences_follow_each_other_as_the_language_writes_them(
    client: Client, language: str, between: str
) -> None:
    client.cookies["manyi_language"] = language
    shown = page(client, "themes")
    about = shown.rpartition('<p class="muted small">')[2]
    assert f"{between} href" in about
    told = re.search(r"([(（])[^()（）]+n 32[)）][^<]*", shown.partition("</header>")[2])
    assert told
    assert (told[1] == "(") == (language == "en")
    assert "。 " not in told[0]
