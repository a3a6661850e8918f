"""The tags say what is known, in both languages, and 0 is a value like any other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.html import strip_tags

from manyi.charts import trend
from manyi.kit.problems import Problem
from manyi.stats.result import Estimate, Note, nothing


def render(source: str, language: str = "en", **context: Any) -> str:
    with translation.override("zh-hans" if language == "zh-Hans" else "en"):
        return Template("{% load i18n manyi %}" + source).render(Context(context))


def words(source: str, language: str = "en", **context: Any) -> str:
    text = strip_tags(render(source, language, **context))
    return " ".join(text.replace("&nbsp;", " ").replace("\xa0", " ").split())


def estimate(value: float, half: float, n: int) -> Estimate:
    return Estimate(value, value - half, value + half, 0.95, n, float(n), None, "wilson")


def test_a_number_never_travels_alone() -> None:
    shown = words('{% estimate e kind="share" %}', e=estimate(86.2, 1.25, 2914))
    assert shown == "86.2% 85.0–87.5 · n 2,914"


def test_zero_is_a_value() -> None:
    row = {"value": 0, "low": -3.4, "high": 3.4, "n": 1204, "status": "ok", "kind": "points"}
    assert words("{% estimate e %}", e=row) == "0 −3 – +3 · n 1,204"


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh-Hans", "3 / 10 份 样本不足，暂不评价"), ("en", "3 of 10 answers Too few to judge")],
)
def test_too_few_answers_give_no_number(language: str, said: str) -> None:
    assert words("{% estimate e %}", language, e=estimate(100.0, 20.0, 3)) == said


def test_no_answers_at_all_are_too_few_and_not_a_failure() -> None:
    assert words("{% estimate e %}", e=nothing()).startswith("0 of 10 answers")


@pytest.mark.parametrize(
    ("status", "language", "said"),
    [
        ("suppressed", "zh-Hans", "为保护隐私，不显示"),
        ("suppressed", "en", "Hidden to protect privacy"),
        ("failed", "zh-Hans", "计算失败 重试"),
        ("failed", "en", "Could not be computed Try again"),
    ],
)
def test_states_say_what_they_are(status: str, language: str, said: str) -> None:
    row = {"status": status, "value": 86.2, "low": 80.0, "high": 90.0, "n": 4}
    assert words("{% estimate e %}", language, e=row) == said


def test_a_failed_number_can_be_tried_again() -> None:
    html = render('{% estimate e retry="/again/?a=1" %}', e={"status": "failed"})
    assert 'href="/again/?a=1"' in html


def test_a_missing_number_is_a_failure_and_not_a_zero() -> None:
    assert "Could not be computed" in words("{% estimate e %}", e=None)


def test_notes_on_a_number_are_said() -> None:
    noted = estimate(86.2, 1.2, 400).noted(Note("busy"))
    assert "The server is busy" in render("{% estimate e %}", e=noted)


@pytest.mark.parametrize(
    ("value", "half", "language", "said"),
    [
        (2.4, 1.5, "en", "▲ +2.4 pp (+0.9 – +3.9)"),
        (2.4, 1.5, "zh-Hans", "▲ +2.4 个百分点 (+0.9 – +3.9)"),
        (-2.4, 1.5, "en", "▼ −2.4 pp (−3.9 – −0.9)"),
        (0.4, 1.6, "zh-Hans", "◇ 无显著变化 +0.4 (−1.2 – +2.0)"),
        (0.0, 1.0, "en", "◇ No significant change 0.0 (−1.0 – +1.0)"),
    ],
)
def test_only_real_changes_are_solid(value: float, half: float, language: str, said: str) -> None:
    change = {"value": value, "low": value - half, "high": value + half}
    assert words('{% delta d kind="share" %}', language, d=change) == said


def test_where_less_is_better_a_fall_is_good() -> None:
    fall = {"value": -0.3, "low": -0.5, "high": -0.1}
    assert "delta-up" in render('{% delta d kind="mean" better="down" %}', d=fall)
    assert "delta-down" in render('{% delta d kind="mean" %}', d=fall)


def test_peoples_texts_come_in_the_readers_language() -> None:
    title = {"zh-Hans": "入住体验", "en": "Your stay"}
    assert words("{% localtext t %}", "zh-Hans", t=title) == "入住体验"
    assert words("{{ t|local }}", "en", t=title) == "Your stay"
    assert words("{{ t|local }}", "en", t={"zh-Hans": "<b>入住</b>"}) == "&lt;b&gt;入住&lt;/b&gt;"


def test_numbers_and_dates_are_written_as_the_language_writes_them() -> None:
    when = datetime(2026, 11, 1, 17, 5, tzinfo=UTC)
    with timezone.override("Asia/Shanghai"):
        said = words("{{ w|moment }}|{{ w|day }}", "zh-Hans", w=when)
    assert said == "2026年11月2日 01:05|2026年11月2日"
    assert words("{{ w|day }}", "en", w=when.date()) == "1 Nov 2026"
    source = "{{ a|count }} {{ b|decimal:2 }} {{ c|percent }} {{ d|count }}"
    assert words(source, a=0, b=-4.3, c=0, d=None) == "0 −4.30 0.0% —"


@pytest.mark.parametrize(
    ("hour", "second", "said"), [(16, 0, "2026年11月2日"), (16, 1, "2026年11月2日 00:00")]
)
def test_a_day_without_a_time_of_day_is_told_without_one(hour: int, second: int, said: str) -> None:
    when = datetime(2026, 11, 1, hour, 0, second, tzinfo=UTC)
    with timezone.override("Asia/Shanghai"):
        assert words("{{ w|heard }}", "zh-Hans", w=when) == said
    assert words("{{ w|heard }}", w=None) == "—"


def test_problems_become_sentences() -> None:
    problem = Problem("date_invalid", value="x")
    assert "x" in words("{{ p|sentence }}", "zh-Hans", p=problem)


def test_a_picture_is_data_with_a_finding_and_a_table() -> None:
    picture = trend(
        [("2026-10", estimate(84.0, 1.0, 900)), ("</script>", estimate(86.0, 1.0, 900))],
        language="en",
    )
    html = render("{% chart c %}", c=picture)
    assert '<script id="chart-' in html and 'type="application/json"' in html
    assert html.count("</script>") == 1
    assert 'role="img" aria-label="' in html
    assert "style=" not in html
    assert "<details>" in html and "84.0%" in html


def test_cells_of_the_table_twin_can_lead_on() -> None:
    table = {"columns": ["Unit", "Value"], "rows": [[{"text": "West", "href": "/?unit=w"}, "0"]]}
    html = render('{% chart o height=100 label="West leads" table=t %}', o={}, t=table)
    assert '<a href="/?unit=w">West</a>' in html


def test_a_whisker_shows_nothing_where_there_is_too_little() -> None:
    assert "<circle" in render("{% whisker e 0 100 whole=50 %}", e=estimate(60.0, 5.0, 90))
    assert "<circle" not in render("{% whisker e 0 100 %}", e=estimate(60.0, 5.0, 3))


def test_sorting_turns_round_and_forgets_the_cursor() -> None:
    request = RequestFactory().get("/", {"sort": "n", "cursor": "abc", "unit": "w"})
    html = render('{% sort "n" "Answers" %}', request=request)
    assert 'aria-sort="ascending"' in html
    assert "sort=-n" in html and "unit=w" in html and "cursor" not in html


def test_a_field_says_its_errors_beside_itself() -> None:
    class Named(forms.Form):
        name = forms.CharField()

    html = render("{% field f.name %}", f=Named({"name": ""}))
    assert "is-invalid" in html and "This field is required." in html and "form-control" in html


def test_progress_stops_asking_when_it_is_finished() -> None:
    assert "hx-get" in render('{% progress "Import" done=0 total=10 url="/p/" %}')
    done = '{% progress "Import" done=10 total=10 url="/p/" finished="Done" %}'
    assert "hx-get" not in render(done)


@pytest.mark.parametrize("code", [400, 403, 404, 429, 500, 503])
def test_error_pages_stand_without_a_request(code: int) -> None:
    with translation.override("zh-hans"):
        from django.template.loader import render_to_string

        html = render_to_string(f"{code}.html")
    assert 'lang="zh-Hans"' in html
    assert "重试" in html or "首页" in html
