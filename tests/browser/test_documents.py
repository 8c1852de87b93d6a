"""一份责任项目书, from the pre-filled draft to the frozen and verified paper, by the three people it takes (三（三）1)."""

import hashlib
import os
from pathlib import Path

import pytest

from accountability.models import Document, Duty
from tests import cast, letters
from tests.browser.mouse import follow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PROJECT = "一、责任项目\n1. 管住采购：合同抽查和供应商回访。\n二、工作措施\n（一）每季度抽查合同三十份。由财务处负责，9月30日前完成第一轮。"
LOOK = os.environ.get("LOOK_FOLDER")  # where to leave pictures for who wants to look


def look(page, name: str) -> None:
    if LOOK:
        page.screenshot(path=f"{LOOK}/{name}.png", full_page=True)


def saved_by_itself(page) -> None:
    page.wait_for_selector("#autosaved:has-text('已自动保存')")


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_the_path_of_a_project_letter(visit, people, tmp_path, phone):
    size = "phone" if phone else "wide"
    duty = Duty.objects.get(
        obligation__code="project-letter", bearer_post=letters.post_of(people["member"]), work_year=cast.YEAR
    )
    member = visit(phone=phone).sign_in("member")
    page = member.open(f"/ledger/{duty.pk}/")
    follow(page, "text=起草责任项目书")
    look(page, f"1-new-{size}")
    page.click("button:has-text('起草')")
    page.wait_for_url("**/edit/")
    assert "陆知行" in page.input_value("[name=text]")
    assert "财务处" in page.input_value("[name=text]")
    look(page, f"2-edit-{size}")

    follow(page, "button:has-text('保存并送审')")  # not yet: the template asks for what only he knows
    assert "没有填写" in page.inner_text("main")
    page.fill("[name=text]", PROJECT)
    saved_by_itself(page)
    page.click("button:has-text('保存并送审')")
    page.wait_for_url(lambda url: url.rstrip("/").split("/")[-1].isdigit())
    assert "待党委办公室审核" in page.inner_text("main")
    look(page, f"3-in-review-{size}")
    document = Document.objects.get()
    path = f"/documents/{document.pk}/"

    office = visit(phone=phone).sign_in("office")
    page = office.open("/documents/all/?view=waiting")
    follow(page, f"a[href='{path}']")
    page.click("summary:has-text('退回')")
    page.fill("#reason-return", "请写明第二轮抽查的时间")
    look(page, f"4-returning-{size}")
    follow(page, "button:has-text('确定退回')")
    assert "已退回" in page.inner_text("main")

    page = member.open(path)
    assert "请写明第二轮抽查的时间" in page.inner_text("main")
    look(page, f"5-returned-{size}")
    follow(page, "text=编辑正文")
    page.fill("[name=text]", PROJECT + "12月10日前完成第二轮。")
    saved_by_itself(page)
    page.click("button:has-text('保存并送审')")
    page.wait_for_url(f"**{path}")

    page = office.open(f"{path}versions/3/")
    assert page.inner_text("ins >> nth=1") == "12月10日前完成第二轮。"
    look(page, f"6-difference-{size}")
    page = office.open(path)
    follow(page, "button:has-text('审核通过')")
    secretary = visit(phone=phone).sign_in("secretary")
    page = secretary.open(path)
    look(page, f"7-secretary-{size}")
    follow(page, "button:has-text('审核通过')")
    assert "正在排版" in page.inner_text("main")
    look(page, f"8-setting-{size}")
    letters.set_papers()
    page.wait_for_selector("text=待签署")  # the page comes round by itself

    page = member.open(path)
    follow(page, "text=阅读并签署")
    page.fill("[name=password]", "wrong-password")
    follow(page, "button:has-text('本人签署')")
    assert "密码不对" in page.inner_text("main")
    look(page, f"9-sign-{size}")
    page.fill("[name=password]", cast.PASSWORD)
    page.click("button:has-text('本人签署')")
    page.wait_for_url(f"**{path}")
    assert "已签署" in page.inner_text("main")
    look(page, f"10-signed-{size}")
    assert member.overflow() <= 0
    assert member.violations() == []

    with page.expect_download() as download:
        page.click("text=下载 PDF")
    paper = tmp_path / "paper.pdf"
    download.value.save_as(paper)
    version = Document.objects.get().versions.first()
    assert hashlib.sha256(paper.read_bytes()).hexdigest() == version.pdf_sha256

    follow(page, "text=核验 PDF 文件")
    page.set_input_files("[name=file]", paper)
    follow(page, "button:has-text('核验')")
    assert "完全一致" in page.inner_text("main")
    look(page, f"11-matches-{size}")
    content = bytearray(paper.read_bytes())
    content[len(content) // 2] ^= 1
    changed = Path(tmp_path / "changed.pdf")
    changed.write_bytes(content)
    page.set_input_files("[name=file]", changed)
    follow(page, "button:has-text('核验')")
    assert "不相符" in page.inner_text("main")
    look(page, f"12-does-not-match-{size}")
    duty.refresh_from_db()
    assert duty.state == Duty.State.FULFILLED
    for each in (member, office, secretary):
        assert [line for line in each.complaints if "400" not in line] == []


def test_two_editors_do_not_overwrite_one_another(visit, people):
    member = people["member"]
    document = letters.draft(member, "integrity-pledge", post=letters.post_of(member))
    first = visit().sign_in("member").open(f"/documents/{document.pk}/edit/")
    second = visit().sign_in("office").open(f"/documents/{document.pk}/edit/")
    first.fill("[name=text]", "一、我先写的。")
    saved_by_itself(first)
    second.fill("[name=text]", "二、我后写的。")
    second.wait_for_selector("#autosaved:has-text('没有覆盖')")
    assert second.input_value("[name=text]") == "二、我后写的。"  # nothing typed is lost
    assert letters.fresh(document).draft.text == "一、我先写的。"
