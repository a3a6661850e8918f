"""The demo's organisation: a supermarket chain of twelve stores, its people and its targets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from manyi.accounts import actions as accounts
from manyi.accounts.actions.users import new_user
from manyi.accounts.models import Member, Organisation, Unit
from manyi.metrics import actions as metrics
from manyi.packs.demo import password
from manyi.packs.templates import template
from manyi.surveys import actions as surveys

CODE = "demo"
NAME = {"zh-Hans": "满鲜超市（演示）", "en": "Manxian Supermarkets (demo)"}


@dataclass(frozen=True)
class Store:
    """A store, how good it is on the whole, and how long its queues are (0 = none)."""

    code: str
    zh: str
    en: str
    quality: float
    queue: float
    size: float


REGIONS = {
    "EAST": ({"zh-Hans": "华东大区", "en": "East"}, "SH", "NJ"),
    "SOUTH": ({"zh-Hans": "华南大区", "en": "South"}, "GZ", "SZ"),
    "NORTH": ({"zh-Hans": "华北大区", "en": "North"}, "BJ", "TJ"),
}
STORES = (
    Store("SH-001", "上海徐汇店", "Xuhui Store, Shanghai", 0.25, 0.2, 4200),
    Store("SH-002", "上海虹口店", "Hongkou Store, Shanghai", 0.05, 1.5, 5100),
    Store("SH-003", "上海浦东店", "Pudong Store, Shanghai", 0.10, 0.3, 6300),
    Store("NJ-001", "南京鼓楼店", "Gulou Store, Nanjing", 0.00, 0.3, 3900),
    Store("GZ-001", "广州天河店", "Tianhe Store, Guangzhou", 0.15, 0.2, 5600),
    Store("GZ-002", "广州越秀店", "Yuexiu Store, Guangzhou", -0.05, 1.4, 4700),
    Store("SZ-001", "深圳南山店", "Nanshan Store, Shenzhen", 0.20, 0.3, 5200),
    Store("SZ-002", "深圳福田店", "Futian Store, Shenzhen", 0.00, 0.2, 4400),
    Store("BJ-001", "北京朝阳店", "Chaoyang Store, Beijing", 0.10, 0.4, 6100),
    Store("BJ-002", "北京海淀店", "Haidian Store, Beijing", 0.00, 0.3, 5400),
    Store("TJ-001", "天津和平店", "Heping Store, Tianjin", -0.10, 0.2, 3600),
    Store("TJ-002", "天津河西店", "Hexi Store, Tianjin", 0.05, 0.3, 3300),
)
# The story to be found: two stores with long queues, one of which mended them.
MENDED = "SH-002"
MENDED_FOR = timedelta(days=30)

TOUCHPOINTS = {
    "checkout": {"zh-Hans": "结账", "en": "Checkout"},
    "fresh": {"zh-Hans": "生鲜", "en": "Fresh food"},
    "service_desk": {"zh-Hans": "服务台", "en": "Service desk"},
    "parking": {"zh-Hans": "停车", "en": "Parking"},
    "delivery": {"zh-Hans": "配送", "en": "Delivery"},
}
AGENT_NAMES = ("李娜", "赵强", "孙悦", "周凯")
MEMBERS = (
    ("demo-analyst", Member.Role.ANALYST, None, "分析员 Analyst"),
    ("demo-manager", Member.Role.UNIT_MANAGER, "EAST", "华东经理 Manager East"),
    ("demo-agent", Member.Role.AGENT, "SH-002", "客服 Agent"),
    ("demo-viewer", Member.Role.VIEWER, None, "只读 Viewer"),
    ("demo-external", Member.Role.EXTERNAL_ANALYST, None, "外部分析 External"),
)
ASPECTS = (
    ("products", {"zh-Hans": "商品品质与种类", "en": "Products"}, 3.0),
    ("price", {"zh-Hans": "价格与促销", "en": "Prices"}, 2.0),
    ("staff", {"zh-Hans": "店员服务", "en": "Staff"}, 2.0),
    ("environment", {"zh-Hans": "购物环境", "en": "Store"}, 1.0),
    ("checkout", {"zh-Hans": "收银结账", "en": "Checkout"}, 2.0),
)
VIEWS = (
    ("feedback", "结账的差评 Bad words about checkout", "touchpoint=checkout&index_lte=25"),
    ("feedback", "投诉 Complaints", "kind=complaint"),
    ("overview", "华东大区 East", "unit=EAST"),
)
NOTICE = {
    "zh-Hans": "本问卷由满鲜超市（演示）发起。您的回答会与您的会员信息关联，仅用于改进服务，"
    "保存两年；您可以随时要求查看或删除。",
    "en": "Manxian Supermarkets (demo) asks. Your answers are linked to your membership, used"
    " only to improve our service and kept for two years; you may ask to see or erase them at any"
    " time.",
}


def build(now: datetime) -> Organisation:
    """Store the organisation with everything but its feedback, all or nothing."""
    with transaction.atomic():
        organisation = accounts.create_organisation(
            name=NAME, code=CODE, language="zh-Hans", is_demo=True, now=now
        )
        owner = _owner(organisation, now)
        units = _units(owner, now)
        for position, (code, name) in enumerate(TOUCHPOINTS.items()):
            accounts.add_touchpoint(by=owner, code=code, name=name, position=position, now=now)
        _people(owner, units, now)
        _targets(owner, units, now)
        for page, view, query in VIEWS:
            accounts.save_view(by=owner, page=page, name=view, query=query)
        survey = surveys.create(
            by=owner,
            definition={**template("retail"), "consent_notice": NOTICE},
            is_anonymous=False,
            now=now,
        )
        surveys.publish(by=owner, survey=survey, now=now)
    return organisation


def _owner(organisation: Organisation, now: datetime) -> Member:
    user = new_user(
        username="demo-owner", name="负责人 Owner", password=password("demo-owner"), language=""
    )
    return Member.objects.create(
        user=user, organisation=organisation, role=Member.Role.OWNER, created_at=now
    )


def _units(owner: Member, now: datetime) -> dict[str, Unit]:
    units = {"HQ": accounts.add_unit(by=owner, code="HQ", name=NAME, now=now)}
    for region, (name, *cities) in REGIONS.items():
        units[region] = accounts.add_unit(
            by=owner, code=region, name=name, parent=units["HQ"], now=now
        )
        for store in STORES:
            if store.code[:2] in cities:
                units[store.code] = accounts.add_unit(
                    by=owner,
                    code=store.code,
                    name={"zh-Hans": store.zh, "en": store.en},
                    parent=units[region],
                    size=store.size,
                    now=now,
                )
    return units


def _people(owner: Member, units: dict[str, Unit], now: datetime) -> None:
    for username, role, place, name in MEMBERS:
        member = accounts.add_member(
            by=owner,
            role=role,
            unit=units[place] if place else None,
            username=username,
            name=name,
            password=password(username),
            now=now,
        )
        member.user.must_change_password = False  # the password is printed at each start
        member.user.save(update_fields=["must_change_password"])
        if role == Member.Role.AGENT:
            accounts.add_agent(
                by=owner, code="SH-002-A1", name="李娜", unit=member.unit, member=member, now=now
            )
    for store in STORES:
        for i, name in enumerate(AGENT_NAMES, start=1):
            if (store.code, i) != ("SH-002", 1):
                accounts.add_agent(
                    by=owner, code=f"{store.code}-A{i}", name=name, unit=units[store.code], now=now
                )


def _targets(owner: Member, units: dict[str, Unit], now: datetime) -> None:
    csat, nps, _ = metrics.give_defaults(owner.organisation)
    due = (now + timedelta(days=60)).date()
    metrics.set_target(csat, by=owner, value=80, due_on=due, now=now)
    metrics.set_target(nps, by=owner, value=30, due_on=due, now=now)
    for code, value in (("SH-002", 75), ("GZ-002", 75), ("EAST", 82)):
        metrics.set_target(csat, by=owner, value=value, unit=units[code], now=now)
    whole = metrics.add_indicator(
        by=owner,
        code="experience",
        name={"zh-Hans": "购物体验指数", "en": "Shopping experience"},
        position=3,
        is_headline=True,
        now=now,
    )
    for position, (code, name, weight) in enumerate(ASPECTS):
        metrics.add_indicator(
            by=owner,
            code=code,
            name=name,
            parent=whole,
            metric="index",
            item=f"aspects.{code}",
            weight=weight,
            position=position,
            now=now,
        )
    metrics.set_target(whole, by=owner, value=78, due_on=due, now=now)
