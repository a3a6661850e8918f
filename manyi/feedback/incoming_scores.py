"""The scores of a voice on its way in: each on a scale, none twice."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

SCALES = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0)}
METRICS = frozenset({"nps", "csat", "ces", "score"})
_KEYS = frozenset({"item", "metric", "value", "scale"})
_ITEM = re.compile(r"[^\s\x00-\x1f\x7f\ud800-\udfff]{1,90}")

Score = tuple[str, str, float, float, float]
Note = Callable[..., None]


def scores(value: Any, note: Note) -> list[Score]:
    """Return the scores of a record; what is wrong with one is noted and leaves it out."""
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > 200:
        note("/scores", "list_expected")
        return []
    found: list[Score] = []
    seen = set()
    for i, raw in enumerate(value):
        score = _score(raw, i, note)
        if score is None:
            continue
        if score[:2] in seen:
            note(f"/scores/{i}", "score_twice", item=score[0], metric=score[1])
        seen.add(score[:2])
        found.append(score)
    return found


def _score(raw: Any, place: int, note: Note) -> Score | None:
    if not isinstance(raw, (dict, Mapping)) or not raw.keys() <= _KEYS:
        note(f"/scores/{place}", "score_shape")
        return None
    metric, item = raw.get("metric"), raw.get("item", "overall")
    try:
        worst, best = raw["scale"] if "scale" in raw else SCALES[metric]  # type: ignore[index]
        return _sound(item, metric, worst, best, raw["value"])
    except (KeyError, TypeError, ValueError):
        _tell(raw, f"/scores/{place}", note)
        return None


@lru_cache(maxsize=4096, typed=True)
def _sound(item: Any, metric: Any, worst: Any, best: Any, value: Any) -> Score:
    """Return a score without a fault, or raise ValueError; a source sends the same few often."""
    scale, number = _scale((worst, best), metric), _number(value)
    if metric not in METRICS or not _ITEM.fullmatch(item) or scale is None or number is None:
        raise ValueError
    if not min(scale) <= number <= max(scale):
        raise ValueError
    return item, metric, scale[0], scale[1], number


def _tell(raw: Mapping[str, Any], at: str, note: Note) -> None:
    """Note what is wrong with a score."""
    metric, item = raw.get("metric"), raw.get("item", "overall")
    if not isinstance(metric, str) or metric not in METRICS:
        note(f"{at}/metric", "value.metric_unknown", value=str(metric)[:40])
        return
    if not isinstance(item, str) or not _ITEM.fullmatch(item):
        note(f"{at}/item", "item_invalid", value=str(item)[:40])
        return
    scale = _scale(raw.get("scale", SCALES.get(metric)), metric)
    if scale is None:
        note(f"{at}/scale", "scale_invalid", metric=metric)
        return
    note(
        f"{at}/value",
        "value_off_scale",
        value=str(raw.get("value"))[:40],
        low=_plain(min(scale)),
        high=_plain(max(scale)),
    )


def _scale(raw: Any, metric: str) -> tuple[float, float] | None:
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        return None
    worst, best = _number(raw[0]), _number(raw[1])
    if worst is None or best is None or worst == best or max(abs(worst), abs(best)) > 1e6:
        return None
    if metric == "nps" and {worst, best} != {0.0, 10.0}:
        return None
    return worst, best


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _plain(number: float) -> str:
    return f"{number:g}"
