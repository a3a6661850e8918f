"""The templates are whole in both languages and lead the unhappy to a follow-up."""

from __future__ import annotations

import pytest

from manyi.kit.problems import NotFound
from manyi.packs import templates
from manyi.questionnaire.answering import check_all, visible_pages
from manyi.questionnaire.model import items
from manyi.questionnaire.read import load

MODELS = ("kano", "servqual", "ecsi")
SHORT = tuple(name for name in templates.names() if name not in MODELS)
INDUSTRIES = SHORT[3:]


@pytest.mark.parametrize("name", MODELS)
def test_a_model_marks_its_questions_and_is_whole_in_both_languages(name):
    q = load(templates.template(name))
    assert q.languages == ("zh-Hans", "en")
    assert [one.kind for one in q.models] == ["index" if name == "ecsi" else name]
    entry = next(e for e in templates.catalogue("en") if e["name"] == name)
    assert entry["seconds"] <= 600


@pytest.mark.parametrize("name", SHORT)
def test_a_template_is_short_and_headlined(name):
    q = load(templates.template(name))
    assert q.languages == ("zh-Hans", "en")
    entry = next(e for e in templates.catalogue("en") if e["name"] == name)
    assert 3 <= entry["questions"] <= 8
    assert 15 <= entry["seconds"] <= 120
    assert "overall" in {i.item for i in items(q)}
    assert any(x.kind == "long_text" for x in q.questions())


@pytest.mark.parametrize("name", INDUSTRIES)
def test_an_industry_asks_satisfaction_aspects_and_recommendation(name):
    q = load(templates.template(name))
    scored = {(i.item, i.metric) for i in items(q)}
    assert {("overall", "csat"), ("overall", "nps")} <= scored
    assert sum(item.startswith("aspects.") for item, _ in scored) >= 5
    headline = q.question("overall")
    assert headline.labels[4]["zh-Hans"] == "非常满意"


@pytest.mark.parametrize("name", ["csat", *INDUSTRIES])
def test_only_the_unhappy_are_asked_why(name):
    q = load(templates.template(name))
    assert "why" in {p.code for p in visible_pages(q, {"overall": 2})}
    assert "why" not in {p.code for p in visible_pages(q, {"overall": 3})}
    assert "why" not in {p.code for p in visible_pages(q, {})}
    checked = check_all(q, {"overall": 1, "reasons": {"codes": ["other"], "other": "排队"}})
    assert checked.ok


def test_a_phone_number_is_asked_only_with_consent():
    for name in templates.names():
        q = load(templates.template(name))
        if q.question("contact_phone") is None:
            continue
        asked = {"overall": 1, "contact_phone": "13800000000"}
        assert "contact_phone" not in check_all(q, asked).values
        agreed = check_all(q, {**asked, "contact_me": True}).values
        assert agreed["contact_phone"] == "13800000000"


def test_the_catalogue_speaks_the_language_asked_for():
    chinese = {e["name"]: e for e in templates.catalogue("zh-Hans")}
    assert chinese["property"]["title"] == "业主满意度调查"
    assert chinese["property"]["industry"] == "property"
    assert [e["name"] for e in templates.catalogue("en")] == list(templates.names())


def test_a_caller_may_change_its_copy_and_no_other_file_can_be_named():
    templates.template("csat")["pages"].clear()
    assert templates.template("csat")["pages"]
    with pytest.raises(NotFound):
        templates.template("../templates")
