"""Imports through the pages: handed in, mapped, checked, stored, read about."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from manyi.accounts.models import Unit
from manyi.connectors.models import Import
from manyi.feedback.models import FeedbackRecord
from manyi.kit.say import say
from tests.browser import follow, rest
from tests.connectors.files import csv_of, reviews, worked, xlsx_of
from tests.factories import House
from tests.factories import house as make_house
from tests.voices import receive, voice
from tests.web.staff import text

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]


def upload(
    client: Client, content: bytes, name: str = "reviews.csv", what: str = "feedback"
) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/imports/new/", {"file": file, "what": what}, HTTP_ACCEPT_LANGUAGE="en")


def sent(
    client: Client, content: bytes, name: str = "reviews.csv", what: str = "feedback"
) -> Import:
    answer = upload(client, content, name, what)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return Import.objects.get(pk=int(answer["Location"].strip("/").split("/")[-1]))


class _Form(HTMLParser):
    """The fields of one form as a browser would send them."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.select = action, False, ""
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag == "form":
            self.inside = given.get("action") == self.action
        elif self.inside and tag == "input":
            self.values[given["name"]] = given.get("value", "")
        elif self.inside and tag == "select":
            self.select = given["name"]
        elif self.inside and tag == "option":
            wanted = "selected" in given or self.select not in self.values
            self.values |= {self.select: given.get("value", "")} if wanted else {}


def form_of(client: Client, job: Import) -> dict[str, str]:
    """Return the mapping form as it stands on the page."""
    form = _Form(f"/imports/{job.pk}/mapping/")
    form.feed(client.get(f"/imports/{job.pk}/").content.decode())
    return form.values


def test_from_upload_to_result(client_of: ClientOf, house: House) -> None:
    client = client_of(house.alice)
    job = sent(client, reviews(30))
    page = client.get(f"/imports/{job.pk}/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "第3条评论" in page  # the preview
    data = form_of(client, job)
    assert data["c3-role"] == "score"
    assert data["source"] == "reviews"
    client.post(f"/imports/{job.pk}/mapping/", {**data, "source": "meituan", "do": "check"})
    worked(job)
    assert FeedbackRecord.objects.count() == 0
    checked = client.get(f"/imports/{job.pk}/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Would be new" in checked
    client.post(f"/imports/{job.pk}/mapping/", {**form_of(client, job), "do": "run"})
    assert "hx-get" in client.get(f"/imports/{job.pk}/progress/").content.decode()
    worked(job)
    assert client.get(f"/imports/{job.pk}/progress/")["HX-Refresh"] == "true"
    assert FeedbackRecord.objects.filter(source="meituan").count() == 30
    result = client.get(f"/imports/{job.pk}/").content.decode()
    assert "source=meituan" in result or not _has("feedback")
    assert "reviews.csv" in client.get("/imports/").content.decode()


def _has(name: str) -> bool:
    from django.urls import NoReverseMatch

    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def test_a_form_sent_twice_imports_once(client_of: ClientOf, house: House) -> None:
    client = client_of(house.alice)
    job = sent(client, reviews(5))
    data = {**form_of(client, job), "do": "run"}
    first, second = (client.post(f"/imports/{job.pk}/mapping/", data) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert worked(job).created == 5


def test_the_preview_follows_the_form(client_of: ClientOf, house: House) -> None:
    client = client_of(house.alice)
    job = sent(client, reviews(3))
    data = form_of(client, job)
    said = client.post(
        f"/imports/{job.pk}/preview/", {**data, "c4-role": "ignore"}
    ).content.decode()
    assert "第1条评论" not in said
    said = client.post(f"/imports/{job.pk}/preview/", {**data, "unit": "", "c2-role": "channel"})
    assert "N-001" in said.content.decode()
    assert not FeedbackRecord.objects.exists()


def test_a_role_that_becomes_a_score_brings_its_scale(client_of: ClientOf, house: House) -> None:
    client = client_of(house.alice)
    rows = [["日期", "感受", "评论"]]
    rows += [["2026-10-01", w, "还好吧"] for w in ("满意", "非常满意", "不满意", "凑合")] * 10
    job = sent(client, csv_of(rows))
    data = {**form_of(client, job), "c1-role": "score"}
    for name in [n for n in data if n.startswith("c1-") and n != "c1-role"]:
        del data[name]
    row = client.post(f"/imports/{job.pk}/column/1/", data).content.decode()
    assert 'name="c1-worst" value="1"' in row
    assert "凑合" in row  # a word without a number can be given one
    data |= {"c1-worst": "1", "c1-best": "5", "c1-metric": "csat", "c1-item": "overall"}
    data |= {"c1-0-word": "凑合", "c1-0-value": "3", "do": "run"}
    client.post(f"/imports/{job.pk}/mapping/", data)
    assert (worked(job).created, job.rejected) == (40, 0)
    assert FeedbackRecord.objects.filter(scores__value=3).count() == 10


def test_a_file_without_dates_asks_for_one_at_once(client_of: ClientOf, house: House) -> None:
    client = client_of(house.alice)
    undated = sent(client, csv_of([["label", "review"], ["1", "很快，好吃"], ["0", "送错了"]]))
    dated = sent(client, reviews(30))
    said = ["没有一列是日期" in text(client.get(f"/imports/{one.pk}/")) for one in (undated, dated)]
    assert said == [True, False]
    given = {**form_of(client, undated), "occurred_at": "2026-10-01", "do": "save"}
    client.post(f"/imports/{undated.pk}/mapping/", given)
    assert "没有一列是日期" not in text(client.get(f"/imports/{undated.pk}/"))


def test_a_mapping_that_cannot_be_used_is_said_on_the_page(
    client_of: ClientOf, house: House
) -> None:
    client = client_of(house.alice)
    job = sent(client, reviews(30))
    data = {**form_of(client, job), "c1-role": "ignore", "do": "run"}
    answer = client.post(f"/imports/{job.pk}/mapping/", data, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 422
    assert say("mapping.no_date", "en") in answer.content.decode()
    data["c3-worst"] = data["c3-best"]
    answer = client.post(f"/imports/{job.pk}/mapping/", data, HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 422
    assert Import.objects.get(pk=job.pk).stage == "mapping"


def test_unknown_units_are_created_or_matched(client_of: ClientOf, house: House) -> None:
    client = client_of(house.alice)
    rows = [["日期", "门店", "评分"], ["2026-10-01", "新店/一", 5], ["2026-10-01", "老天河", 4]]
    job = sent(client, csv_of(rows))
    assert "新店/一" in client.get(f"/imports/{job.pk}/").content.decode()
    data = {"count": "2", "u0": "新店/一", "u0-as": "create", "u1": "老天河", "u1-as": "S-001"}
    client.post(f"/imports/{job.pk}/units/", {**data, "parent": "N"})
    unit = Unit.objects.get(code="新店-一")
    assert (unit.parent, unit.name["zh-Hans"]) == (house.north, "新店/一")
    client.post(f"/imports/{job.pk}/mapping/", {**form_of(client, job), "do": "run"})
    assert (worked(job).created, job.rejected) == (2, 0)


def test_new_units_stand_where_a_person_says(client_of: ClientOf, house: House) -> None:
    """Never at the top by default: a store is no head office."""
    client = client_of(house.alice)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    job = sent(client, csv_of([["日期", "门店", "评分"], ["2026-10-01", "新店", 5]]))
    page = client.get(f"/imports/{job.pk}/").content.decode()
    assert "South (new: Store)" in page
    assert "At the top (new: Group)" in page
    data = {"count": "1", "u0": "新店", "u0-as": "create"}
    answer = client.post(f"/imports/{job.pk}/units/", {**data, "parent": ""})
    assert answer.status_code == 422
    assert say("import.parent_needed", "en") in answer.content.decode()
    assert not Unit.objects.filter(code="新店").exists()
    answer = client.post(f"/imports/{job.pk}/units/", {**data, "parent": "S"}, follow=True)
    assert "1 unit was created below “South” (Store)." in answer.content.decode()
    assert Unit.objects.get(code="新店").parent == house.south
    data = {"count": "1", "u0": "总部", "u0-as": "create", "parent": "/"}
    client.post(f"/imports/{job.pk}/units/", data)
    assert Unit.objects.get(code="总部").parent is None


def test_problems_are_listed_and_downloaded(client_of: ClientOf, house: House) -> None:
    client = client_of(house.alice)
    job = sent(client, reviews(3) + csv_of([["D-9", "2025-03-09", "N-404", 4, "=1+1", "微信"]]))
    client.post(f"/imports/{job.pk}/mapping/", {**form_of(client, job), "do": "run"})
    assert worked(job).rejected == 1
    assert "N-404" in client.get(f"/imports/{job.pk}/problems/").content.decode()
    text = client.get(f"/imports/{job.pk}/problems/?format=csv")
    lines = b"".join(text.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1].startswith("5,门店,N-404,")
    assert "'=1+1" in lines[1]
    file = client.get(f"/imports/{job.pk}/problems/?format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(file.streaming_content))).active
    assert [c.value for c in sheet[2]][:3] == [5, "门店", "N-404"]


def test_cancelling_from_the_page(client_of: ClientOf, house: House) -> None:
    client = client_of(house.alice)
    job = sent(client, reviews(3))
    client.post(f"/imports/{job.pk}/cancel/")
    assert worked(job).state == "cancelled"
    assert client.get(f"/imports/{job.pk}/").status_code == 200


def bomb() -> bytes:
    """Return a workbook whose one sheet unpacks to 400 MB of zeros."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(400):
                sheet.write(b"0" * 1024 * 1024)
    return file.getvalue()


def sparse() -> bytes:
    """Return a workbook of a few hundred bytes whose last cell is XFD1048576."""
    file = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "a"
    book.active["XFD1048576"] = 1
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (bomb, "bomb.xlsx"),
        (sparse, "sparse.xlsx"),
        (bytes, "empty.csv"),
        (lambda: b"PK\x03\x04 broken", "broken.xlsx"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls"),
    ],
)
def test_hostile_files_end_in_one_sentence(
    client_of: ClientOf, house: House, content: Callable[[], bytes], name: str
) -> None:
    client = client_of(house.alice)
    answer = upload(client, content(), name)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert page.count('class="note note-alarm"') == 1
    assert "Traceback" not in page
    assert not Import.objects.exists()
    assert sent(client, reviews(2)).total == 2  # the server lives


def test_no_file_is_said(client_of: ClientOf, house: House) -> None:
    answer = client_of(house.alice).post(
        "/imports/new/", {"what": "feedback"}, HTTP_ACCEPT_LANGUAGE="en"
    )
    assert (answer.status_code, "Choose a file first." in answer.content.decode()) == (422, True)


def test_foreign_imports_are_not_found(client_of: ClientOf, house: House) -> None:
    job = sent(client_of(house.alice), reviews(2))
    stranger = client_of(make_house().alice)
    manager = client_of(house.bob)
    for path in ("", "progress/", "problems/"):
        assert stranger.get(f"/imports/{job.pk}/{path}").status_code == 404
        assert manager.get(f"/imports/{job.pk}/{path}").status_code == 404
    assert stranger.post(f"/imports/{job.pk}/cancel/").status_code == 404
    assert client_of(house.viewer).get("/imports/").status_code == 403


def test_a_list_of_customers_and_its_template(client_of: ClientOf, house: House) -> None:
    client = client_of(house.alice)
    template = client.get("/imports/templates/customers.xlsx", HTTP_ACCEPT_LANGUAGE="zh-CN").content
    head = [c.value for c in openpyxl.load_workbook(io.BytesIO(template)).worksheets[0][1]]
    assert head[:3] == ["客户编号", "姓名", "手机"]
    rows = [head, ["C-1", "王芳", "13800000000", "", "N-001", "3-1202", "业主", ""]]
    job = sent(client, xlsx_of(rows), "客户.xlsx", "customers")
    assert "王芳" in client.get(f"/imports/{job.pk}/").content.decode()
    client.post(f"/imports/{job.pk}/mapping/", {**form_of(client, job), "do": "run"})
    assert (worked(job).created, job.rejected) == (1, 0)


def test_first_passwords_can_be_downloaded_once(client_of: ClientOf, house: House) -> None:
    client = client_of(house.alice)
    job = sent(client, csv_of([["用户名", "姓名"], ["hanmei", "韩梅"]]), "m.csv", "members")
    client.post(f"/imports/{job.pk}/mapping/", {**form_of(client, job), "do": "run"})
    worked(job)
    assert f"/imports/{job.pk}/passwords/" in client.get(f"/imports/{job.pk}/").content.decode()
    file = client.post(f"/imports/{job.pk}/passwords/")
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
    assert sheet["A2"].value == "hanmei"
    assert client.post(f"/imports/{job.pk}/passwords/").status_code == 404


def test_another_sheet_of_a_workbook(client_of: ClientOf, house: House) -> None:
    file = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["日期", "评分"])
    book.active.append(["2026-10-01", 5])
    other = book.create_sheet("十一月")
    for row in (["日期", "评分", "评论"], ["2026-11-01", 4, "好"], ["2026-11-01", 3, "行"]):
        other.append(row)
    book.save(file)
    client = client_of(house.alice)
    job = sent(client, file.getvalue(), "book.xlsx")
    assert job.total == 1
    client.post(f"/imports/{job.pk}/sheet/", {"sheet": "十一月"})
    job.refresh_from_db()
    assert (job.total, job.sheet, len(job.columns)) == (2, "十一月", 3)


def test_exports_at_once_and_in_the_background(
    client_of: ClientOf, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(house.alice, *(voice(unit="N-001") for _ in range(3)))
    client = client_of(house.alice)
    period = "from=2026-10-01&to=2026-11-30"
    text = client.get(f"/exports/?format=csv&{period}")
    assert len(b"".join(text.streaming_content).decode().strip().splitlines()) == 4
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/exports/?{period}").content))
    assert book.worksheets[0].max_row == 4
    monkeypatch.setattr("manyi.web.imports.exports.AT_ONCE", 2)
    assert client.get(f"/exports/?{period}").status_code == 200
    answer = client.post(f"/exports/?{period}&format=csv")
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
    assert client_of(house.analyst).get(answer["Location"]).status_code == 404
    assert client_of(house.agent).get("/exports/").status_code == 403


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_person_maps_and_imports_in_a_browser(browse: Any, house: House, tmp_path: Path) -> None:
    path = tmp_path / "美团评价.csv"
    path.write_bytes(reviews(40))
    page = browse(house.alice, "en", {"width": 1280, "height": 900})
    page.goto("/imports/new/")
    page.set_input_files("#file", str(path))
    follow(page.locator("main button.btn-primary"))
    badges = page.locator("#preview .badge", has_text="overall")
    expect(badges).to_have_count(10)
    page.select_option("[name=c3-role]", "ignore")
    expect(page.locator("[name=c3-best]")).to_have_count(0)
    expect(badges).to_have_count(0)
    rest(page)
    page.select_option("[name=c3-role]", "score")
    expect(page.locator("[name=c3-best]")).to_have_value("5")
    expect(badges).to_have_count(10)
    rest(page)
    follow(page.locator("button[value=run]"))
    expect(page.locator("progress")).to_be_visible()
    job = Import.objects.get()
    assert worked(job).created == 40
    # The page sees the end by itself.
    expect(page.locator(".tile").first).to_contain_text("40")
    page.goto("/imports/")
    expect(page.locator("tbody tr")).to_have_count(1)
