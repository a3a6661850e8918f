"""What the import contracts cannot see: foreign keys, room names, long files."""

from __future__ import annotations

import re
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[1]
# The rooms with tables, from the lowest floor up (.importlinter).
FLOORS = (
    *("base", "accounts", "customers", "programmes", "surveys", "feedback"),
    *("lake", "metrics", "themes", "connectors", "reports", "upkeep"),
)
BANNED = {"utils.py", "helpers.py", "services.py", "managers.py", "signals.py"}


def test_foreign_keys_point_down_and_leave_no_trace_below() -> None:
    wrong = []
    for model in apps.get_models():
        room = model._meta.app_label
        for field in model._meta.get_fields():
            if not (field.many_to_one or field.one_to_one) or field.auto_created:
                continue
            target = field.related_model._meta.app_label  # type: ignore[union-attr]
            if target == room or room not in FLOORS or target not in FLOORS:
                continue
            if FLOORS.index(target) > FLOORS.index(room):
                wrong.append(f"{field} points up")
            if not field.remote_field.hidden:  # type: ignore[union-attr]
                wrong.append(f'{field} lacks related_name="+"')
    assert wrong == []


def test_rooms_hold_no_drawer_for_everything() -> None:
    found = [p for p in (ROOT / "manyi").rglob("*.py") if p.name in BANNED]
    assert found == []


def test_nothing_switches_the_ban_on_unsafe_markup_off() -> None:
    """People's own text is never marked as safe in a template."""
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+off")
    found = [
        str(p.relative_to(ROOT))
        for p in (ROOT / "manyi").rglob("*.html")
        if unsafe.search(p.read_text())
    ]
    assert found == []


def test_python_files_hold_one_idea() -> None:
    long = [
        (str(p.relative_to(ROOT)), n)
        for p in (ROOT / "manyi").rglob("*.py")
        if "migrations" not in p.parts and (n := len(p.read_text().splitlines())) > 400
    ]
    assert long == []


def test_every_app_has_one_first_migration() -> None:
    extra = [
        str(p.relative_to(ROOT))
        for p in (ROOT / "manyi").rglob("migrations/0*.py")
        if p.name not in {"0001_initial.py", "0002_search.py", "0002_allowance.py"}
    ]
    assert extra == []
