"""An import from upload to written: the page that waits for the worker keeps itself up to date (三（四）1)."""

import pytest

from accountability.tasks import beat_heart
from inspections.models import LedgerImport, Measure
from tests.browser.mouse import follow
from tests.importing import work_off
from tests.inspections.rounds import SAMPLE, fed_back

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def until_it_says(page, words: str) -> None:
    page.wait_for_function("words => document.querySelector('main').innerText.includes(words)", arg=words)


@pytest.mark.parametrize("phone", [False, True])
def test_a_ledger_is_confirmed_refused_and_confirmed_again(visit, people, phone):
    row, discipline = fed_back(people["discipline"]), visit(phone=phone).sign_in("discipline")
    page = discipline.open(f"/inspections/{row.pk}/import/")
    page.set_input_files("input[type=file]", SAMPLE)
    follow(page, "button:has-text('上传并预览')")
    page.click("button:has-text('确定导入')")
    until_it_says(page, "没有后台进程在运行")
    assert discipline.violations() == []
    assert discipline.overflow() == 0
    beat_heart()
    page.wait_for_function("() => !document.querySelector('main').innerText.includes('没有后台进程在运行')")
    until_it_says(page, "正在导入")

    shown = LedgerImport.objects.get().fingerprint
    LedgerImport.objects.update(fingerprint="0" * 64)  # as if another had written since the preview
    work_off()
    until_it_says(page, "预览之后系统里的台账有了变化")
    assert discipline.violations() == []
    assert discipline.overflow() == 0
    LedgerImport.objects.update(fingerprint=shown)

    page.click("button:has-text('确定导入')")
    until_it_says(page, "正在导入")
    work_off()
    until_it_says(page, "已导入：新增 115 条")
    assert discipline.violations() == []
    assert Measure.objects.count() == 115
    page.click("a:has-text('看这一轮次的问题')")
    page.wait_for_url(f"**/inspections/{row.pk}/")
    assert discipline.complaints == []
