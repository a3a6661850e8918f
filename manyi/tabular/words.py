# ruff: noqa: E501  (one answer a line reads better than wrapped words)
"""The words that answers are written in, by scale, and the names that columns are given."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from manyi.kit.scale import AGREEMENT_5, AGREEMENT_7, SATISFACTION_5

BLANKS = frozenset(
    "不适用 不涉及 未评价 未评分 未填写 未填 未作答 无评分 暂无评分 (空) (跳过) 跳过 不清楚 不知道 不了解 "
    "说不清 没用过 未使用 na n/a #n/a nan null none nil - -- --- — / \\ . not|applicable don't|know "
    "dont|know do|not|know not|sure unknown no|answer no|opinion skipped not|rated prefer|not|to|say".replace(
        " ", "\n"
    )
    .replace("|", " ")
    .split("\n")
)


@dataclass(frozen=True)
class LabelScale:
    """Answers in words, from the worst (the scale's `low`) to the best."""

    name: str
    metric: str
    low: int
    levels: tuple[tuple[str, ...], ...]

    @property
    def high(self) -> int:
        return self.low + len(self.levels) - 1

    def number(self, label: str) -> float | None:
        """Return the number of a folded label, or None for a word of another scale."""
        for i, words in enumerate(self.levels):
            if label in words:
                return float(self.low + i)
        return None


@lru_cache(maxsize=16_384)  # columns repeat their words, and every cell is folded
def fold(text: str) -> str:
    """Return `text` in half-width, lower case, without outer marks, spaces joined."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return re.sub(r"\s+", " ", plain).strip(" \t\r\n.。!！,，;；:：\"“”'‘\ufeff")


def _levels(*lines: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(fold(w) for w in line.split("|")) for line in lines)


def _with(
    kit: tuple[dict[str, str] | object, ...], levels: tuple[tuple[str, ...], ...]
) -> tuple[tuple[str, ...], ...]:
    """Add the kit's own words of each answer to the variants known here."""
    own = [tuple(fold(w) for w in text.values()) for text in kit if isinstance(text, dict)]
    return tuple(dict.fromkeys((*mine, *more)) for mine, more in zip(own, levels, strict=True))  # type: ignore[misc]


# Order matters where two scales hold all the words seen: the first one wins.
LABEL_SCALES: tuple[LabelScale, ...] = (
    LabelScale(
        "satisfaction_5",
        "csat",
        1,
        _with(
            SATISFACTION_5,
            _levels(
                "非常不满意|很不满意|十分不满意|极不满意|完全不满意|非常不满|很不满|extremely dissatisfied"
                "|completely dissatisfied|very unsatisfied|very dissatisfied",
                "不满意|不太满意|比较不满意|较不满意|有点不满意|不满|dissatisfied|somewhat dissatisfied|unsatisfied"
                "|moderately dissatisfied|rather dissatisfied",
                "一般|中立|普通|一般般|基本满意|说不上满意或不满意|尚可|还行|neutral|neither|neither satisfied nor dissatisfied"
                "|neither satisfied or dissatisfied|average|ok|okay|so-so",
                "满意|比较满意|较满意|较为满意|satisfied|somewhat satisfied|fairly satisfied|moderately satisfied"
                "|rather satisfied|mostly satisfied",
                "非常满意|很满意|十分满意|极满意|极其满意|完全满意|特别满意|extremely satisfied|completely satisfied|very satisfied",
            ),
        ),
    ),
    LabelScale(
        "satisfaction_7",
        "csat",
        1,
        _levels(
            "非常不满意|extremely dissatisfied|very dissatisfied",
            "不满意|moderately dissatisfied|dissatisfied",
            "比较不满意|有点不满意|slightly dissatisfied|somewhat dissatisfied",
            "一般|neither satisfied nor dissatisfied|neutral",
            "比较满意|有点满意|slightly satisfied|somewhat satisfied",
            "满意|moderately satisfied|satisfied",
            "非常满意|extremely satisfied|very satisfied",
        ),
    ),
    LabelScale(
        "agreement_5",
        "mean",
        1,
        _with(
            AGREEMENT_5,
            _levels(
                "非常不同意|很不同意|完全不同意|强烈不同意|极不同意|非常不认同|非常不符合|完全不符合|strongly disagree",
                "不同意|不太同意|比较不同意|不认同|不符合|不太符合|比较不符合|disagree|somewhat disagree",
                "一般|中立|不确定|说不清楚|neutral|neither|neither agree nor disagree|neither agree or disagree|undecided",
                "同意|比较同意|较同意|认同|符合|比较符合|agree|somewhat agree",
                "非常同意|很同意|完全同意|强烈同意|十分同意|非常认同|非常符合|完全符合|strongly agree",
            ),
        ),
    ),
    LabelScale(
        "agreement_7",
        "mean",
        1,
        _with(
            AGREEMENT_7,
            _levels(
                "完全不同意|strongly disagree",
                "不同意|disagree",
                "比较不同意|有点不同意|slightly disagree|somewhat disagree",
                "中立|neutral|neither agree nor disagree",
                "比较同意|有点同意|slightly agree|somewhat agree",
                "同意|agree",
                "完全同意|strongly agree",
            ),
        ),
    ),
    LabelScale(
        "review_3",
        "csat",
        1,
        _levels("差评|不好|bad", "中评|一般|neutral|okay|ok", "好评|好|good"),
    ),
    LabelScale(
        "quality_5",
        "csat",
        1,
        _levels(
            "很差|非常差|极差|太差|非常糟糕|很不好|terrible|very poor|very bad|awful",
            "差|较差|比较差|不太好|不好|poor|bad",
            "一般|中等|普通|还行|一般般|fair|average|okay|ok|acceptable|neutral",
            "好|较好|比较好|良好|不错|good",
            "很好|非常好|极好|优秀|太好了|excellent|very good|great|outstanding",
        ),
    ),
    LabelScale(
        "quality_poor_excellent",
        "csat",
        1,
        _levels("poor", "fair", "good", "very good", "excellent"),
    ),
    LabelScale("grade_4", "csat", 1, _levels("差", "中", "良|良好", "优|优秀")),
    LabelScale(
        "ease_5",
        "ces",
        1,
        _levels(
            "非常困难|很困难|非常费力|很费力|very difficult|extremely difficult|very hard",
            "困难|比较困难|较困难|费力|比较费力|difficult|somewhat difficult|hard",
            "一般|neutral|neither|neither easy nor difficult",
            "容易|比较容易|较容易|轻松|比较轻松|easy|somewhat easy",
            "非常容易|很容易|非常轻松|很轻松|very easy|extremely easy",
        ),
    ),
    LabelScale(
        "ease_7",
        "ces",
        1,
        _levels(
            "extremely difficult|非常困难|very difficult",
            "moderately difficult|difficult|困难",
            "slightly difficult|somewhat difficult|有点困难|比较困难",
            "neither easy nor difficult|neutral|一般",
            "slightly easy|somewhat easy|比较容易",
            "moderately easy|easy|容易",
            "extremely easy|very easy|非常容易",
        ),
    ),
    LabelScale(
        "recommend_5",
        "mean",
        1,
        _levels(
            "一定不推荐|绝对不推荐|非常不推荐|完全不推荐|非常不愿意|绝对不会|一定不会|很不愿意|definitely not|very unlikely|extremely unlikely|非常不可能",
            "不推荐|不太推荐|可能不推荐|不愿意|不太愿意|不会|可能不会|probably not|unlikely|somewhat unlikely|不可能|不太可能",
            "一般|中立|不一定|不确定|说不定|看情况|neutral|maybe|might or might not|neither likely nor unlikely|not sure|有可能",
            "推荐|可能推荐|会推荐|愿意|比较愿意|会|可能会|比较推荐|probably|probably yes|likely|somewhat likely|可能|比较可能",
            "一定推荐|强烈推荐|非常推荐|非常愿意|很愿意|一定会|肯定会|definitely|definitely yes|very likely|extremely likely|非常可能|很可能",
        ),
    ),
    LabelScale(
        "frequency_5",
        "mean",
        1,
        _levels(
            "从不|从来不|never",
            "很少|偶尔|rarely|seldom",
            "有时|有时候|sometimes|occasionally",
            "经常|常常|often|frequently|usually",
            "总是|一直|always",
        ),
    ),
    LabelScale(
        "importance_5",
        "mean",
        1,
        _levels(
            "非常不重要|很不重要|完全不重要|not at all important|very unimportant",
            "不重要|不太重要|slightly important|unimportant",
            "一般|moderately important|neutral",
            "重要|比较重要|important",
            "非常重要|很重要|very important|extremely important",
        ),
    ),
)

# Three answers without the “very” of five: read so only when enough answers were seen.
SATISFACTION_3 = LabelScale(
    "satisfaction_3",
    "csat",
    1,
    _levels("不满意|dissatisfied", "一般|基本满意|neutral", "满意|satisfied"),
)

SENTIMENT: dict[str, float] = {
    **dict.fromkeys(("负面", "消极", "负向", "负", "贬义", "negative", "neg"), -1.0),
    **dict.fromkeys(("中性", "中立", "neutral", "neu", "客观"), 0.0),
    **dict.fromkeys(("正面", "积极", "正向", "正", "褒义", "positive", "pos"), 1.0),
}

KINDS = {
    "投诉": "complaint",
    "complaint": "complaint",
    "建议": "suggestion",
    "suggestion": "suggestion",
    "表扬": "praise",
    "praise": "praise",
    "compliment": "praise",
    "评论": "review",
    "评价": "review",
    "点评": "review",
    "review": "review",
    "问卷": "survey",
    "survey": "survey",
    "访谈": "interview",
    "interview": "interview",
    "会话": "conversation",
    "conversation": "conversation",
    "电话": "call",
    "call": "call",
    "帖子": "post",
    "post": "post",
    "评分": "rating",
    "rating": "rating",
}

CHANNELS = {
    "微信": "wechat",
    "wechat": "wechat",
    "公众号": "wechat",
    "微信公众号": "wechat",
    "小程序": "mini_program",
    "微信小程序": "mini_program",
    "企业微信": "wecom",
    "短信": "sms",
    "sms": "sms",
    "邮件": "email",
    "电子邮件": "email",
    "email": "email",
    "mail": "email",
    "电话": "phone",
    "phone": "phone",
    "call": "phone",
    "链接": "web",
    "网页": "web",
    "网站": "web",
    "web": "web",
    "website": "web",
    "手机提交": "web",
    "二维码": "qr",
    "qr": "qr",
    "app": "app",
    "在线客服": "chat",
    "聊天": "chat",
    "chat": "chat",
    "门店": "in_person",
    "现场": "in_person",
    "线下": "in_person",
    "in person": "in_person",
    "平板": "kiosk",
    "kiosk": "kiosk",
}

LANGUAGES = {
    "中文": "zh-Hans",
    "简体中文": "zh-Hans",
    "汉语": "zh-Hans",
    "chinese": "zh-Hans",
    "zh": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh_cn": "zh-Hans",
    "zh-hans": "zh-Hans",
    "cn": "zh-Hans",
    "繁体中文": "zh-Hant",
    "zh-tw": "zh-Hant",
    "zh-hant": "zh-Hant",
    "英文": "en",
    "英语": "en",
    "english": "en",
    "en": "en",
    "en-us": "en",
    "en-gb": "en",
}

# Who speaks in a conversation, as chat systems and transcripts call them.
CUSTOMERS = frozenset(
    [
        "customer",
        "user",
        "client",
        "caller",
        "guest",
        "buyer",
        "visitor",
        "patient",
        "resident",
        "客户",
        "顾客",
        "用户",
        "买家",
        "来电人",
        "业主",
        "患者",
        "市民",
        "访客",
    ]
)
SPEAKERS = CUSTOMERS | frozenset(
    [
        "agent",
        "assistant",
        "bot",
        "staff",
        "operator",
        "seller",
        "service",
        "representative",
        "system",
        "客服",
        "坐席",
        "座席",
        "服务员",
        "商家",
        "卖家",
        "机器人",
        "话务员",
        "接线员",
        "管家",
        "系统",
    ]
)
