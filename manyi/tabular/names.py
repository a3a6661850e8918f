# ruff: noqa: E501  (patterns of names)
"""What columns are usually called, in Chinese and English, by what they hold."""

from __future__ import annotations

import re
import unicodedata

ROLES = (
    "occurred_at",
    "score",
    "text",
    "turns",
    "unit",
    "touchpoint",
    "agent",
    "channel",
    "kind",
    "customer_ref",
    "customer_name",
    "phone",
    "email",
    "language",
    "source_ref",
    "attribute",
    "answer",
    "label",
    "ignore",
)

# What a record has once, so that one column at most may hold it.
ONCE = frozenset({"occurred_at", "unit", "touchpoint", "agent", "channel", "kind", "language"})
ONCE |= {"customer_ref", "customer_name", "phone", "email", "source_ref", "turns"}

# The first pattern that is found in a column's tidied name decides; exact names come first.
_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        "ignore",
        r"^(来自ip|ip( ?地址| ?address)?|序号|行号|编号|no|#|index|row|unnamed.*|user ?agent|总分)$",
    ),
    (
        "ignore",
        r"^(recipient (last|first) name|status|finished|progress|recorded date|location (latitude|longitude)|distribution channel)( |$)",
    ),
    (
        "label",
        r"^(label|labels|标签|情感|情感倾向|情感极性|情绪|极性|sentiment|polarity|emotion|sentiment (value|label)|sat|satisfied|是否满意)$",
    ),
    (
        "occurred_at",
        r"^(提交答卷时间|提交时间|答题时间|评价时间|评论时间|点评时间|反馈时间|回访时间|调查时间|填写时间|发生时间|时间|日期|评价日期|发布时间)$",
    ),
    (
        "occurred_at",
        r"^(date|time|datetime|timestamp|occurred at|created( at| on| date| time)?|submitted( at)?|submit (date|time)|submission (date|time)|review (date|time)|reviewed at|rated at|completed at|end date|recorded at|posted at|published at)$",
    ),
    (
        "attribute",
        r"所用时间|用时|时长|耗时|duration|elapsed|开始时间|start (time|date)|更新时间|updated|来源详情|价格|金额|数量|price|amount|quantity|年龄|^age$",
    ),
    ("email", r"邮箱|电子邮件|e-?mail"),
    ("phone", r"手机|联系电话|电话号码|联系方式|客户电话|会员电话|^电话$|mobile|phone|^tel$|cell"),
    (
        "customer_name",
        r"客户姓名|会员姓名|顾客姓名|业主姓名|联系人|^姓名$|^称呼$|^客户$|^顾客$|^业主$|昵称|客户名称|customer name|full name|^name$|user ?name|nickname|first name|reviewer name",
    ),
    (
        "customer_ref",
        r"(客户|会员|用户|顾客|业主)(编号|号|id|卡号|编码)$|customer (id|ref|no|number|code)|^customer$|member (id|no)|user (id|ref)|^user$|client id|openid|crm id|^uid$",
    ),
    (
        "source_ref",
        r"答卷(编号|id)|问卷(编号|id)|订单(号|编号)|工单(号|编号)|流水号|单号|评价(编号|id)|评论(编号|id)|记录(编号|id)|response id|ticket( id| no)?$|order (id|no|number)|review id|record id|^id$|^uuid$|^guid$|source ref|respondent id|submission id|case (id|no)"
        r"|^(review|response|feedback|survey|answer|comment|entry|form|booking|reservation|visit|receipt|invoice) (no|nr|num|number|ref|reference)$"
        r"|(会话|对话|通话|聊天|录音)(编号|号|id|标识)|^(conversation|chat|session|call|dialog|dialogue|talk|thread)( id| no| number)$",
    ),
    (
        "agent",
        r"客服(姓名|工号|人员)?$|服务人员|员工|工号|导购|管家|坐席|座席|技师|店员|销售顾问|经办人|^agent( id| name)?$|employee|staff( name| id)?$|assignee|handled by|advisor|salesperson",
    ),
    ("touchpoint", r"触点|环节|场景|服务阶段|旅程|touch ?point|journey (stage|step)|^stage$"),
    (
        "unit",
        r"^(所属)?(门店|分店|店铺|店名|机构|项目|小区|楼盘|网点|分公司|支行|营业厅|酒店|餐厅|城市公司|区域|大区|部门)(名称|编码|编号|代码|名)?$|^(store|branch|shop|unit|location|site|outlet|hotel|restaurant|property|department|region|caf[eé]|clinic|hospital|school|campus|salon|gym|office|dealer|dealership|showroom|building|estate)( name| id| code| no)?$",
    ),
    (
        "channel",
        r"^(渠道|来源|来源渠道|反馈渠道|提交渠道|渠道来源|channel|source|medium|platform|平台)$",
    ),
    ("kind", r"^(反馈类型|类型|类别|kind|type|feedback type|ticket type)$"),
    ("language", r"^(语言|语种|language|lang|locale|user language)$"),
    (
        "text",
        r"评论|评语|点评|留言|原话|意见|建议|原因|为什么|哪些方面|反馈内容|评价内容|内容|文本|正文|反馈$|描述|说说|吐槽|心得|^评价$|备注",
    ),
    (
        "text",
        r"\b(review|reviews|comment|comments|text|body|verbatim|message|feedback|content|remarks?|suggestions?|open ended|why|description|notes?|reason)\b",
    ),
    (
        "score",
        r"评分|打分|得分|星级|满意度|推荐|愿意|费力|满意程度|评价等级|好评度|^分数$|满意吗|多大程度|评星",
    ),
    (
        "score",
        r"\b(rating|ratings|score|scores|stars?|satisfaction|satisfied|nps|csat|ces|likelihood|recommend|effort|ease|grade|how (likely|satisfied|easy))\b",
    ),
)
_COMPILED = tuple((role, re.compile(pattern)) for role, pattern in _PATTERNS)
_NUMBERED = re.compile(
    r"^(?:Q\s*)?(\d{1,3})\s*(?:[、.．:：)）_]|\s|$|(?=[(（]))\s*(.*)$", re.I | re.S
)
_OPTION = re.compile(r"^(.*?)[(（]([^()（）]+)[)）]\s*$", re.S)
_MATRIX = re.compile(r"^(.*?)\s*(?:—{1,2}|--|–|:::)\s*(.+)$", re.S)


def tidy(name: str) -> str:
    """Return a name in half-width lower case, its words parted by single spaces."""
    plain = unicodedata.normalize("NFKC", name)
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).lower()
    plain = re.sub(r"[_\-.·/]+", " ", plain)
    plain = re.sub(r"[*?？:：\[\]【】\"“”]+", " ", plain)
    return re.sub(r"\s+", " ", plain).strip()


def named_role(name: str) -> str | None:
    """Return what a column of this name usually holds, or None for an unknown name."""
    number, rest = question(name)
    for candidate in dict.fromkeys((name.rsplit(" / ", 1)[-1], rest if number else name, name)):
        plain = tidy(candidate)
        for role, pattern in _COMPILED:
            if pattern.search(plain):
                return role
    return None


_WORDS = re.compile(
    r"(评价|评论|点评|反馈|留言|建议|意见|投诉|回访)(的)?(具体|详细)?(内容|正文|原文|文本|详情)$"
    r"|(原话|意见(和|与|及|或)?建议|建议(和|与|及|或)?意见)$|^(评语|评论|点评|留言|吐槽)$"
    r"|^(customer )?(comments?|verbatims?|review|remarks?|suggestions?)$"
    r"|(review|comment|feedback|message) (text|body|content)$|open ended"
)


def holds_words(name: str) -> bool:
    """Whether a column of this name holds what customers wrote, however seldom they differ."""
    return bool(_WORDS.search(tidy(question(name)[1] or name)))


def question(name: str) -> tuple[str, str]:
    """Split "1、您的总体满意度" or "Q3_2 …" into its number and the rest."""
    found = _NUMBERED.match(name.strip())
    return (found[1], found[2].strip()) if found else ("", name)


def option(name: str) -> tuple[str, str] | None:
    """Split "4(环境)" or "4、喜欢什么(环境)" into the question and the option."""
    number, _ = question(name)
    found = _OPTION.match(name.strip())
    return (found[1].strip(), found[2].strip()) if number and found else None


def matrix(name: str) -> tuple[str, str] | None:
    """Split "3、请评价—服务态度" into the question and its row."""
    found = _MATRIX.match(name.strip())
    return (found[1].strip(), found[2].strip()) if found else None


_OVERALL = re.compile(
    r"总体|整体|总评|综合|overall|in general|^(评分|打分|得分|星级|满意度|rating|score|stars?|csat|nps)$"
)
_RECOMMEND = re.compile(r"推荐|\bnps\b|recommend")
_EFFORT = re.compile(r"费力|\bces\b|effort|\bease\b|how easy|容易程度")


_SCALE = re.compile(
    r"\s*[(（\[]\s*([01])\s*(?:-|–|—|~|～|to|至|到)\s*(\d{1,3})\s*[)）\]]\s*$", re.I
)


def stated_scale(name: str) -> tuple[float, float] | None:
    """Return the scale that "Stars (1-5)" or "推荐（0～10）" names."""
    found = _SCALE.search(name)
    ends = (float(found[1]), float(found[2])) if found else None
    return ends if ends and ends[1] >= 3 else None


def _without_scale(name: str) -> str:
    return (_SCALE.sub("", name) if stated_scale(name) else name) or name


def is_overall(name: str) -> bool:
    plain = _without_scale(name)
    return bool(_OVERALL.search(tidy(question(plain)[1] or plain)))


def metric_named(name: str) -> str | None:
    """Return nps, ces or csat where the name says so."""
    plain = tidy(name)
    if _RECOMMEND.search(plain):
        return "nps"
    if _EFFORT.search(plain):
        return "ces"
    return "csat" if re.search(r"满意|satisf|csat", plain) else None


def item_code(name: str) -> str:
    """Return a short code of what a score is about: ASCII in snake case, Chinese as it is."""
    name = _without_scale(name)
    parts = matrix(name)
    rest = parts[1] if parts else question(name.rsplit(" / ", 1)[-1])[1] or name
    plain = re.sub(r"[^\w]+", "_", tidy(rest)).strip("_")
    return plain[:60].strip("_") or "overall"
