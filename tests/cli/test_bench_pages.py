"""The benches of pages and of the search open what they say, as each person, and measure it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from manyi.cli import bench_addresses, bench_house, bench_kept, bench_pages, bench_search

# Opened in milliseconds; tests of their own open all the others.
QUICK = ("/units", "/settings", "/imports", "/exports", "/customers", "/surveys", "/indicators")


@pytest.mark.django_db
def test_what_a_manager_looks_at_opens_and_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for bench in (bench_pages, bench_search):
        monkeypatch.setattr(bench, "REPEATS", 1)
    bench_house.fill(3_000, 12)
    member, client, program = bench_kept.viewer("demo-manager")
    known = bench_addresses.addresses(member)
    assert len(known) == len(set(known)) > 100
    for url in known:
        if url.startswith((*QUICK, *(f"/api/v1{path}" for path in QUICK))) and "results" not in url:
            bench_kept.get(program if url.startswith("/api/") else client, url)
    found = bench_pages._look("demo-manager", "/units/")["pages"]
    assert [one["url"] for one in found] == [url for url in known if "/units/" in url]
    assert all(one["fresh_cpu_ms"] > 0 and one["queries"] > 0 for one in found)
    for way, most in (("exact zh", 5), ("meaning en", 0)):
        (one,) = bench_search._look("demo-manager", way)["ways"]
        assert 0 < one["p50_ms"] <= one["p95_ms"] <= one["max_ms"]
        assert one["shown"] > 2 and one["empty"] <= most
    with pytest.raises(RuntimeError, match="answered 403"):
        bench_kept.get(client, "/settings/members/")


def test_what_a_folder_holds_is_taken_or_refused_but_never_overwritten(tmp_path: Path) -> None:
    size = {"records": 5, "units": 2}
    (tmp_path / bench_kept.MADE).write_text(json.dumps({**size, "tables": bench_kept._tables()}))
    assert bench_kept.organisation(5, 2, str(tmp_path)).told() == {**size, "folder": str(tmp_path)}
    for other in ((6, 2), (5, 3)):
        with pytest.raises(RuntimeError, match="holds something else"):
            bench_kept.organisation(*other, str(tmp_path))


def test_a_share_of_what_was_measured_lies_below_the_value_named() -> None:
    values = [float(n) for n in range(1, 21)]
    assert [bench_search._at(values, share) for share in (0.01, 0.5, 0.95, 1.0)] == [1, 10, 19, 20]


def test_each_way_to_search_asks_in_its_own_language_and_asks_nothing_twice() -> None:
    for way, urls in bench_search.ways().items():
        assert len(urls) == len(set(urls)) == 20, way
        assert ("how=meaning" in urls[0]) is way.startswith("meaning")
        assert ("%E" in urls[0]) is way.endswith("zh")
