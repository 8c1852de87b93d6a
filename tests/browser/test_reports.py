"""Reports with hands on the keyboard alone, and a batch from the order to the archive (三（三）1)."""

import io
import re
from zipfile import ZipFile

import pytest

from accountability.models import Duty, Job
from accountability.services import jobs
from supervision.models import Report
from supervision.services import report_batches
from tests import cast
from tests.browser.conftest import PHONE
from tests.browser.keyboard import press, tab_to
from tests.browser.mouse import follow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_report_by_keyboard_alone(visit, people):
    """Asked for, made, a figure opened and left, the other formats, the text: no pointer touches a page."""
    secretary = visit().sign_in("secretary")
    page = secretary.open("/reports/")
    press(page, "^生成$")
    press(page, "^生成$")
    page.wait_for_selector("text=排队中")
    jobs.run(Job.objects.get(kind="report").pk)
    page.wait_for_selector("a.btn:has-text('打开')")
    press(page, "打开")
    report = Report.objects.get()
    page.wait_for_url(f"**/reports/{report.pk}/")
    tab_to(page, "其他格式")
    page.keyboard.press("Enter")
    tab_to(page, "统计表", most=5)
    page.keyboard.press("Escape")
    assert page.locator(".menu[open]").count() == 0
    first = page.locator("article a.traced").first.inner_text()
    press(page, re.escape(first))
    page.wait_for_url(f"**/reports/{report.pk}/figures/**")
    page = secretary.open(f"/reports/{report.pk}/")
    tab_to(page, "可以办理", most=2)  # past a text with hundreds of numbers to open
    page.keyboard.press("Enter")
    tab_to(page, "编辑正文", most=12)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "text", most=60)
    page.keyboard.press("Control+End")
    page.keyboard.type("全年工作按部署完成。")
    press(page, "^保存$")
    report.document.draft.refresh_from_db()
    assert report.document.draft.text.endswith("全年工作按部署完成。")
    page.set_viewport_size(PHONE)
    page = secretary.open(f"/reports/{report.pk}/")
    page.click("summary:has-text('其他格式')")
    assert secretary.overflow() <= 0
    assert secretary.complaints == []


def test_a_batch_from_the_order_to_the_archive(visit, people):
    """As the office: two units' reports, progress by itself, stopped, gone on with, the archive; at a phone as well."""
    kind = report_batches.kind_of("unit")
    two = (cast.OURS, cast.THEIRS)
    Duty.objects.filter(obligation__acts=kind.act).exclude(organisation__name__in=two).update(state="waived")
    office = visit().sign_in("office")
    page = office.open("/reports/?view=unit")
    follow(page, "a:has-text('批量生成')")
    assert office.violations() == []
    page.click("button:has-text('生成全部 2 份')")
    page.wait_for_selector("text=正在生成 0 / 2")
    _work(1)
    page.wait_for_selector("text=正在生成 1 / 2")  # by itself
    page.click("button:has-text('取消')")
    page.wait_for_selector("text=已取消")
    page.click("button:has-text('继续')")
    page.wait_for_selector("text=正在生成 1 / 2")
    _work()
    page.wait_for_selector("a:has-text('下载压缩包')")
    with page.expect_download() as waiting:
        page.click("a:has-text('下载压缩包')")
    names = ZipFile(io.BytesIO(waiting.value.path().read_bytes())).namelist()
    assert sum(bool(re.search(r"\.pdf$", name)) for name in names) == 2, names
    assert office.violations() == []
    page.set_viewport_size(PHONE)
    assert office.overflow() <= 0
    assert office.violations() == []
    assert office.complaints == []


def _work(most: int = 100) -> None:
    queued = Job.objects.filter(state=Job.State.QUEUED).order_by("pk")
    while most and (job := queued.first()):
        jobs.run(job.pk)
        most -= 1
