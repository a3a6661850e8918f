"""Lists that come as spreadsheets: which headings they know, and what their cells become.

Pure but for the roles of members; a heading is known in Chinese and English, whatever the
reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from manyi.accounts.models import Member
from manyi.kit.localtext import LocalText, pick
from manyi.kit.problems import FieldProblem
from manyi.tabular.limits import Cell
from manyi.tabular.names import tidy
from manyi.tabular.values import as_bool, is_missing
from manyi.tabular.writing import Column, Sheet

Row = dict[str, Any]
ATTRIBUTE = "attribute"
IGNORE = "ignore"
_Role = Member.Role


@dataclass(frozen=True)
class Field:
    """One column of a list: its code, its heading, other names of it, and an example."""

    code: str
    label: LocalText
    words: str
    example: LocalText | str
    kind: str = "text"
    required: bool = False


@dataclass(frozen=True)
class ListKind:
    """One list; `keys` are the fields of which one must be there."""

    name: LocalText
    deed: str
    keys: tuple[str, ...]
    fields: tuple[Field, ...]
    keeps_others: bool = False
    by_code: dict[str, Field] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_code.update({f.code: f for f in self.fields})


def _text(zh: str, en: str) -> LocalText:
    return {"zh-Hans": zh, "en": en}


_NAME_EN = "英文名称|英文名|english name|name en|name english"
_UNIT = (
    "机构|机构代码|所属机构|机构名称|门店|门店编码|项目|小区|楼栋|部门"
    "|unit|unit code|store|branch|site"
)

LISTS: dict[str, ListKind] = {
    "units": ListKind(
        _text("机构", "Units"),
        "unit.edit",
        ("code",),
        (
            Field(
                "code",
                _text("机构编码", "Unit code"),
                "编码|编号|代码|机构代码|机构编号|门店编码|项目编码|code|id|unit|store code",
                "SH-001",
                required=True,
            ),
            Field(
                "name",
                _text("名称", "Name"),
                "机构名称|门店名称|项目名称|中文名称|name|unit name|store name",
                _text("上海徐汇店", "Shanghai Xuhui store"),
            ),
            Field("name:en", _text("英文名称", "English name"), _NAME_EN, "Shanghai Xuhui store"),
            Field(
                "parent",
                _text("上级编码", "Parent code"),
                "上级|上级机构|上级机构编码|父级|父级编码|所属大区|parent|parent unit",
                "EAST",
            ),
            Field(
                "size",
                _text("规模", "Size"),
                "户数|座位数|面积|营业额|households|seats|revenue|weight",
                "320",
                "number",
            ),
            Field("time_zone", _text("时区", "Time zone"), "timezone|tz", "Asia/Shanghai"),
            Field(
                "is_closed", _text("是否停用", "Closed"), "停用|已停用|关闭|is closed", "0", "flag"
            ),
        ),
        keeps_others=True,
    ),
    "members": ListKind(
        _text("成员", "Members"),
        "member.edit",
        ("username", "email", "phone"),
        (
            Field(
                "username",
                _text("用户名", "User name"),
                "登录名|账号|帐号|username|login|account",
                "wangfang",
            ),
            Field("name", _text("姓名", "Name"), "full name|成员姓名", _text("王芳", "Wang Fang")),
            Field(
                "email", _text("邮箱", "E-mail"), "电子邮箱|电子邮件|email|mail", "w@example.com"
            ),
            Field("phone", _text("手机", "Phone"), "手机号|手机号码|电话|mobile", "13800000000"),
            Field(
                "role",
                _text("角色", "Role"),
                "权限|岗位",
                _text("机构负责人", "Unit manager"),
                "role",
            ),
            Field("unit", _text("机构编码", "Unit code"), _UNIT, "SH-001"),
        ),
    ),
    "touchpoints": ListKind(
        _text("触点", "Touchpoints"),
        "touchpoint.edit",
        ("code",),
        (
            Field(
                "code",
                _text("触点编码", "Touchpoint code"),
                "编码|编号|代码|code|id|touchpoint",
                "check_in",
                required=True,
            ),
            Field(
                "name",
                _text("名称", "Name"),
                "触点名称|触点|环节|中文名称|touchpoint name",
                _text("入住", "Check-in"),
            ),
            Field("name:en", _text("英文名称", "English name"), _NAME_EN, "Check-in"),
            Field(
                "position",
                _text("顺序", "Position"),
                "排序|序号|次序|order|sort",
                "1",
                "whole",
            ),
        ),
    ),
    "agents": ListKind(
        _text("服务人员", "Agents"),
        "agent.edit",
        ("code",),
        (
            Field(
                "code",
                _text("工号", "Agent code"),
                "编码|编号|员工编号|员工工号|服务人员编码|code|id|agent|staff no|employee no",
                "A-017",
                required=True,
            ),
            Field(
                "name",
                _text("姓名", "Name"),
                "员工姓名|服务人员|agent name|employee name|full name",
                _text("李娜", "Li Na"),
            ),
            Field("unit", _text("机构编码", "Unit code"), _UNIT, "SH-001"),
            Field("is_active", _text("是否在职", "Active"), "在职|is active", "1", "flag"),
        ),
    ),
    "customers": ListKind(
        _text("客户", "Customers"),
        "customer.edit",
        ("ref", "phone", "email"),
        (
            Field(
                "ref",
                _text("客户编号", "Customer no."),
                "编号|会员号|会员编号|客户号|客户编码|业主编号|ref|id|code|customer id|customer ref"
                "|customer no|member no",
                "C-1001",
            ),
            Field(
                "name",
                _text("姓名", "Name"),
                "客户姓名|客户名称|业主姓名|会员姓名|客户|称呼|customer|customer name|full name",
                _text("王芳", "Wang Fang"),
            ),
            Field(
                "phone",
                _text("手机", "Phone"),
                "手机号|手机号码|电话|联系电话|mobile|tel",
                "13800000000",
            ),
            Field("email", _text("邮箱", "E-mail"), "电子邮箱|电子邮件|email|mail", ""),
            Field("unit", _text("机构编码", "Unit code"), _UNIT, "SH-001"),
            Field(
                "room",
                _text("房号", "Room"),
                "房间|房间号|房屋|门牌号|单元房号|room no|house|flat",
                "3-1202",
            ),
            Field(
                "relation",
                _text("业主/租户", "Owner or tenant"),
                "关系|业主租户|与房屋关系|身份|客户类型|relation|relationship|owner tenant|tenure",
                _text("业主", "owner"),
            ),
            Field("language", _text("语言", "Language"), "语种|lang", ""),
        ),
        keeps_others=True,
    ),
}

ROLE_NAMES: dict[str, LocalText] = {
    _Role.OWNER: _text("所有者", "Owner"),
    _Role.ANALYST: _text("分析师", "Analyst"),
    _Role.UNIT_MANAGER: _text("机构负责人", "Unit manager"),
    _Role.AGENT: _text("服务人员", "Agent"),
    _Role.VIEWER: _text("查看者", "Viewer"),
    _Role.EXTERNAL_ANALYST: _text("外部分析师", "External analyst"),
}
_ROLE_WORDS = {
    _Role.OWNER: "管理员|负责人|owner|admin",
    _Role.ANALYST: "质量负责人|analyst",
    _Role.UNIT_MANAGER: "店长|门店经理|项目经理|机构经理|unit_manager|manager|store manager",
    _Role.AGENT: "客服|管家|坐席|员工|agent|staff",
    _Role.VIEWER: "只读|观察者|viewer|read only",
    _Role.EXTERNAL_ANALYST: "外部|external_analyst|external",
}


def _role_codes() -> dict[str, str]:
    found = {}
    for role, words in _ROLE_WORDS.items():
        for word in (str(role), *ROLE_NAMES[role].values(), *words.split("|")):
            found[tidy(word)] = str(role)
    return found


ROLE_CODES = _role_codes()


def guess(what: str, columns: Sequence[str]) -> dict[str, str]:
    """Return the field of each column; what no heading knows is kept as an attribute."""
    known = {tidy(w): f.code for f in LISTS[what].fields for w in _names(f)}
    other = ATTRIBUTE if LISTS[what].keeps_others else IGNORE
    found: dict[str, str] = {}
    for name in columns:
        code = known.get(tidy(name), other)
        found[name] = other if code in found.values() and code not in (other,) else code
    return found


def _names(one: Field) -> Iterable[str]:
    return (one.code, *one.label.values(), *one.words.split("|"))


def problems(what: str, mapping: Mapping[str, str]) -> list[FieldProblem]:
    """Return why no row can be stored with these columns."""
    kind, chosen = LISTS[what], [c for c in mapping.values() if c not in (ATTRIBUTE, IGNORE)]
    found = [
        FieldProblem("columns", "mapping.two_columns", {"role": code})
        for code in sorted({c for c in chosen if chosen.count(c) > 1})
    ]
    unknown = sorted({c for c in chosen if c not in kind.by_code})
    found += [FieldProblem("columns", "import.field_unknown", {"value": c[:60]}) for c in unknown]
    if not set(kind.keys) & set(chosen):
        code = "import.no_code" if kind.keys == ("code",) else f"import.no_key_{what}"
        found.insert(0, FieldProblem("columns", code, {}))
    return found


def row_of(
    what: str, mapping: Mapping[str, str], columns: Sequence[str], cells: Sequence[Cell]
) -> Row:
    """Return what one row says, by field; other columns become attributes where these are kept."""
    row: Row = {}
    others: dict[str, Cell] = {}
    for name, cell in zip(columns, cells, strict=False):
        code = mapping.get(name, IGNORE)
        if code == ATTRIBUTE:
            if not is_missing(cell):
                others[name[:60]] = plain(cell)
        elif code != IGNORE:
            row[code] = _value(LISTS[what].by_code[code].kind, cell)
    if others:
        row["attributes"] = others
    return row


def _value(kind: str, cell: Cell) -> Any:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None if kind != "text" else ""
    if kind == "flag":
        read = as_bool(cell)
        return cell if read is None else read
    if kind == "role":
        return ROLE_CODES.get(tidy(plain(cell)), plain(cell))
    return plain(cell)


def plain(cell: Cell) -> str:
    """Return a cell as people read it: 5.0 is "5"."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def template(what: str, language: str) -> tuple[Sheet, Sheet]:
    """Return the sheet to fill in, with an example row, and the sheet that explains it."""
    kind = LISTS[what]
    columns = [Column(f.code, pick(f.label, language), "text") for f in kind.fields]
    example = {f.code: pick(f.example, language) for f in kind.fields}
    notes = [
        Column("heading", _WORDS["heading"][language]),
        Column("meaning", _WORDS["also"][language], width=70),
    ]
    lines = [
        {"heading": pick(f.label, language), "meaning": _meaning(f, language)} for f in kind.fields
    ]
    return (
        Sheet(pick(kind.name, language), columns, [example]),
        Sheet(_WORDS["notes"][language], notes, lines),
    )


def _meaning(one: Field, language: str) -> str:
    if one.kind == "role":
        return " · ".join(pick(name, language) for name in ROLE_NAMES.values())
    return " · ".join(one.words.split("|"))


_WORDS = {
    "heading": {"zh-Hans": "列名", "en": "Heading"},
    "also": {
        "zh-Hans": "也认得这些列名，或可填写的内容",
        "en": "Also known as, or what to fill in",
    },
    "notes": {"zh-Hans": "说明", "en": "Notes"},
}
