"""Every component on one page, with data that could be real."""

# ruff: noqa: E501

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils.translation import get_language

from manyi.charts import dots, likert, trend
from manyi.charts.spread import Likert
from manyi.kit.scale import SATISFACTION_5
from manyi.stats.result import Estimate


def zh() -> bool:
    return (get_language() or "").startswith("zh")


def t(chinese: str, english: str) -> str:
    return chinese if zh() else english


def e(value: float | None, half: float, n: int) -> Estimate:
    low, high = (None, None) if value is None else (value - half, value + half)
    return Estimate(value, low, high, 0.95, n, n * 0.9, None, "wilson")


def shell(request: HttpRequest) -> dict[str, Any]:
    steps = [
        (t("目标", "Goals"), "target-arrow", True),
        (t("指标", "Indicators"), "ruler-measure", False),
        (t("收集", "Collect"), "forms", False),
        (t("分析", "Analyse"), "chart-dots", True),
        (t("改进", "Improve"), "checklist", False),
        (t("评估", "Evaluate"), "scale", False),
    ]
    rail: list[dict[str, Any]] = [
        {"label": a, "icon": i, "href": "#", "phone": p, "active": i == "chart-dots"}
        for a, i, p in steps
    ]
    rest = [
        (t("反馈", "Inbox"), "inbox", True, 12),
        (t("工单", "Cases"), "ticket", True, 3),
        (t("客户", "Customers"), "users", False, 0),
        (t("设置", "Settings"), "settings", False, 0),
    ]
    rail += [
        {"label": a, "icon": i, "href": "#", "phone": p, "count": c, "end": True}
        for a, i, p, c in rest
    ]
    units = [
        (t("集团", "Group"), 0, False),
        (t("华东大区", "East region"), 1, True),
        (t("上海虹桥店", "Hongqiao store, Shanghai"), 2, False),
        (t("杭州西湖店", "West Lake store, Hangzhou"), 2, False),
        (t("华南大区", "South region"), 1, False),
    ]
    frame = {
        "organisation": t("云栖酒店集团", "Yunqi Hotels"),
        "unit": t("华东大区", "East region"),
        "units": [{"label": a, "depth": d, "active": x, "href": "?"} for a, d, x in units],
        "period": {
            "label": t("2026年11月", "November 2026"),
            "first": date(2026, 11, 1),
            "last": date(2026, 11, 30),
            "choices": [
                {"label": t("本月", "This month"), "href": "?", "active": True},
                {"label": t("上月", "Last month"), "href": "?"},
                {"label": t("本季度", "This quarter"), "href": "?"},
                {"label": t("近 12 个月", "Last 12 months"), "href": "?"},
            ],
            "keep": [("unit", "east")],
        },
        "search": {"action": "/", "query": ""},
        "person": {
            "name": t("林晓燕", "Lin Xiaoyan"),
            "email": "lin@example.org",
            "items": [{"label": t("我的账号", "My account"), "href": "#", "icon": "user"}],
            "log_out": "/",
        },
    }
    return {"rail": rail, "frame": frame}


class Sample(forms.Form):
    title = forms.CharField()
    unit = forms.ChoiceField(choices=[("e", "华东大区"), ("s", "华南大区")])
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    open = forms.BooleanField(required=False)


def gallery(request: HttpRequest) -> HttpResponse:
    lang = "zh-Hans" if zh() else "en"
    months = [f"2026-{m:02d}" for m in range(1, 12)]
    values = [81.2, 82.0, 80.4, 83.1, 84.0, 83.2, 84.8, 85.5, 85.1, 86.0, 86.2]
    line = trend(
        [
            (m, e(v, 1.3 + (i % 3) * 0.4, 2400 + 50 * i))
            for i, (m, v) in enumerate(zip(months, values, strict=True))
        ],
        kind="share",
        language=lang,
        target=88,
        events=[("2026-07", t("新入住流程", "New check-in"))],
    )
    names = [
        (t("杭州西湖店", "West Lake"), 91.4, 2.1, 640),
        (t("苏州金鸡湖店", "Jinji Lake"), 88.9, 2.6, 512),
        (t("上海虹桥店", "Hongqiao"), 86.0, 1.8, 1130),
        (t("宁波东部新城店", "Ningbo East"), 84.7, 4.9, 168),
        (t("南京新街口店", "Xinjiekou"), 79.2, 3.1, 455),
    ]
    units = [{"name": n, "estimate": e(v, h, k), "href": "/?unit=x"} for n, v, h, k in names]
    units.append({"name": t("合肥滨湖店", "Binhu"), "estimate": e(100.0, 20, 3), "href": "#"})
    answers = [s[lang] for s in SATISFACTION_5]
    spread = likert(
        [
            Likert(t("入住办理", "Check-in"), (40, 62, 210, 980, 1322)),
            Likert(t("客房清洁", "Cleanliness"), (22, 51, 160, 1010, 1440)),
            Likert(t("早餐", "Breakfast"), (120, 260, 480, 890, 610)),
            Likert(t("网络", "Wi-Fi"), (210, 330, 520, 760, 410)),
        ],
        answers=answers,
        language=lang,
    )
    context = {
        "zh": zh(),
        "good": e(86.2, 1.25, 2914),
        "nps": {"value": 0.0, "low": -3.4, "high": 3.4, "n": 1204, "kind": "points"},
        "few": e(100.0, 20, 3),
        "hidden": {"status": "suppressed", "n": 4},
        "broken": {"status": "failed"},
        "mean": {"value": 4.31, "low": 4.27, "high": 4.35, "n": 2914, "kind": "mean"},
        "same": {"value": 0.4, "low": -1.2, "high": 2.0},
        "up": {"value": 2.4, "low": 0.9, "high": 3.9},
        "down": {"value": -3.1, "low": -5.0, "high": -1.2},
        "line": line,
        "spread": spread,
        "units": units,
        "when": datetime(2026, 11, 22, 6, 5, tzinfo=UTC),
        "about": [
            (
                t("公式", "Formula"),
                t(
                    "满意与非常满意的份数 ÷ 有效份数",
                    "Satisfied and very satisfied ÷ valid answers",
                ),
            ),
            (t("范围", "Selection"), t("华东大区，2026年11月", "East region, November 2026")),
            (
                t("样本", "Base"),
                t("2,914 份，剔除 37 份重复", "2,914 answers; 37 duplicates left out"),
            ),
            (t("加权", "Weighting"), t("按门店与性别边际加权", "Raked by store and sex")),
            (
                t("有多大把握", "How sure are we"),
                t(
                    "若重复调查，100 次中约有 95 次落在 84.9%–87.4%。",
                    "Were the survey repeated, 95 of 100 intervals would hold the true share.",
                ),
            ),
        ],
        "filters": [
            {"label": t("机构", "Unit"), "value": t("华东大区", "East region"), "href": "?"},
            {"label": t("评分", "Score"), "value": "1–2", "href": "?"},
            {"label": t("渠道", "Channel"), "value": t("微信", "WeChat"), "href": "?"},
        ],
        "files": [
            {"label": "Excel", "href": "#", "hint": ".xlsx"},
            {"label": "CSV", "href": "#", "hint": ".csv"},
            {"label": "SPSS", "href": "#", "hint": ".sav"},
        ],
        "tabs": [
            {"label": t("全部", "All"), "href": "#", "active": True, "count": 2914},
            {"label": t("待处理", "To do"), "href": "#", "count": 12},
            {"label": t("无文字", "Without words"), "href": "#", "count": 0},
        ],
        "voices": [
            (
                2,
                t(
                    "早餐品种太少，八点半去已经没有热菜了，服务员说要等二十分钟。",
                    "Hardly any choice at breakfast; by 8:30 the hot dishes were gone and we were told to wait 20 minutes.",
                ),
                t("早餐", "Breakfast"),
                t("杭州西湖店", "West Lake"),
            ),
            (
                5,
                t(
                    "前台小陈帮忙把孩子落下的玩具寄回来了，特别感谢。",
                    "Chen at the desk posted back the toy our child had left behind. Thank you.",
                ),
                t("前台", "Front desk"),
                t("上海虹桥店", "Hongqiao"),
            ),
            (
                1,
                t(
                    "Wi-Fi 每隔 10 分钟断一次，视频会议完全开不了。",
                    "Wi-Fi dropped every 10 minutes; a video call was impossible.",
                ),
                t("网络", "Wi-Fi"),
                t("南京新街口店", "Xinjiekou"),
            ),
            (
                3,
                t(
                    "房间干净，但隔音一般，凌晨能听到走廊推车的声音。",
                    "Clean room, but thin walls: trolleys in the corridor before dawn.",
                ),
                t("隔音", "Noise"),
                t("宁波东部新城店", "Ningbo East"),
            ),
        ],
        "form": Sample({"title": "", "unit": "e"}),
        "labels": {
            "title": t("问卷标题", "Title of the survey"),
            "unit": t("适用机构", "Unit"),
            "note": t("说明", "Description"),
            "open": t("允许匿名填写", "Anonymous answers are welcome"),
            "hint": t("客户会在页面顶部看到", "Customers see it at the top of the page"),
        },
        "dots": dots(
            [(n, e(v, h, k), "/?unit=x") for n, v, h, k in names],
            kind="share",
            language=lang,
            whole=e(86.2, 1.2, 2914),
        ),
    }
    return render(request, "gallery.html", context)


def plain(request: HttpRequest) -> HttpResponse:
    return render(request, "log_in.html", {"form": Sample()})


def error(request: HttpRequest, code: int) -> HttpResponse:
    return render(request, f"{code}.html", status=code)


def job(request: HttpRequest) -> HttpResponse:
    return HttpResponse("", status=500)


urlpatterns = [
    path("", gallery),
    path("log-in/", plain),
    path("error/<int:code>/", error),
    path("job/", job),
    path("i18n/", include("django.conf.urls.i18n")),
]
