"""花名册: out and back unchanged; a bad row is named and nothing is written (一（二）, 二（四）)."""

import io
from datetime import date

import openpyxl
import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.models import HandOver, Notice, Organisation, Person, Portfolio, Post, RosterImport, Tenure
from accountability.services import roster
from accountability.services.roster.sheets import SHEETS
from tests import papers
from tests.importing import confirmed, work_off

pytestmark = pytest.mark.django_db


def opened():
    return openpyxl.load_workbook(io.BytesIO(roster.workbook_of()))


def saved(book) -> SimpleUploadedFile:
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("花名册.xlsx", out.getvalue())


def where(sheet, **values) -> int:
    """The first row whose columns have these values."""
    heads = [cell.value for cell in sheet[1]]
    for row in range(2, sheet.max_row + 1):
        if all(sheet.cell(row, heads.index(name) + 1).value == value for name, value in values.items()):
            return row
    raise AssertionError(values)


def put(sheet, row: int, **values) -> None:
    heads = [cell.value for cell in sheet[1]]
    for name, value in values.items():
        sheet.cell(row, heads.index(name) + 1).value = value


def add(sheet, **values) -> int:
    row = sheet.max_row + 1
    put(sheet, row, **values)
    return row


def everything() -> dict[str, int]:
    """Rows of every table of ours, history included."""
    return {model.__name__: model.objects.count() for model in apps.get_app_config("accountability").get_models()}


def imported(book, by) -> RosterImport:
    row, plan = roster.receive(saved(book), by=by)
    assert row is not None, [str(one) for one in plan.book.complaints]
    return roster.confirm(row, by=by)


# ── round trip ───────────────────────────────────────────────────────────────────────────────


def test_what_was_exported_imports_again_and_changes_nothing(people):
    before = everything()
    row, plan = roster.receive(saved(opened()), by=people["office"])
    assert (plan.changes, plan.book.complaints) == ([], [])
    assert (
        row.unchanged
        == Organisation.objects.count()
        + sum(sheet.max_row - 1 for sheet in opened().worksheets[1:2])
        + Post.objects.exclude(role__endswith="_admin").count()
        + Tenure.objects.exclude(post__role__endswith="_admin").count()
        + Portfolio.objects.count()
    )
    roster.confirm(row, by=people["office"])
    after = everything()
    for name in ("RosterImport", "HistoricalRosterImport"):
        before.pop(name)
        after.pop(name)
    assert after == before


def test_the_second_export_is_cell_for_cell_the_first(people):
    first = opened()
    imported(first, people["office"])
    second = opened()
    for sheet in SHEETS:
        rows = [[[cell.value for cell in row] for row in book[sheet.name].iter_rows()] for book in (first, second)]
        assert rows[0] == rows[1], sheet.name


def test_the_sample_university_is_all_there():
    book = opened()
    assert book["组织"].max_row - 1 == Organisation.objects.count() > 100
    assert book["分工"].max_row - 1 == Portfolio.objects.count() > 30
    assert isinstance(book["分工"].cell(2, 4).value.date(), date)
    names = {cell.value for cell in book["人员"]["A"]}
    assert not names & {"system", "sysadmin", "secadmin", "auditor"}


# ── bad rows ─────────────────────────────────────────────────────────────────────────────────


def test_three_bad_rows_are_named_by_row_and_column_and_nothing_is_written(people):
    book = opened()
    posts, people_sheet, portfolio = book["岗位与任职"], book["人员"], book["分工"]
    add(people_sheet, 用户名="newcomer", 姓名="新人")  # a good row among them
    one = add(posts, 组织="会计学院", 职务="副书记", 角色="联络员", 用户名="newcomer", 起任日期="2026年13月1日")
    two = add(posts, 组织="不存在的学院", 职务="书记", 角色="二级党组织书记")
    three = add(portfolio, 校领导职务="分管财务副校长", 单位="法学院", 分工="代管", 起始日期="2026-01-01")
    before = everything()
    row, plan = roster.receive(saved(book), by=people["office"])
    assert row is None
    assert {(one.sheet, one.row, one.column) for one in plan.book.complaints} == {
        ("岗位与任职", one, "起任日期"),
        ("岗位与任职", two, "组织"),
        ("分工", three, "分工"),
    }
    said = " ".join(str(one) for one in plan.book.complaints)
    assert "“2026年13月1日”不是日期，请写成 2026-07-01" in said
    assert "没有这个名称" in said
    assert "分管部门、联系单位" in said
    assert everything() == before


def test_the_page_names_them_too(login):
    book = opened()
    row = add(book["人员"], 用户名="Bad Name", 姓名="乙")
    client = login("office")
    page = client.post("/organisations/roster/", {"file": saved(book)})
    assert page.status_code == 400
    assert f"人员 第 {row} 行「用户名」" in page.content.decode()
    assert not Person.objects.filter(name="乙").exists()


@pytest.mark.parametrize(
    ("sheet", "values", "column", "words"),
    [
        ("组织", {"名称": "新学院", "类型": "二级学院"}, "上级组织", "只有学校党委没有上级组织"),
        ("组织", {"名称": "新学院", "上级组织": "无此组织", "类型": "二级学院"}, "上级组织", "没有这个上级组织"),
        ("组织", {"名称": "会计学院", "上级组织": "法学院", "类型": "二级学院"}, "上级组织", "机构调整"),
        ("组织", {"名称": "法学院", "上级组织": "学校党委", "类型": "二级学院"}, "名称", "重复"),
        ("组织", {"名称": "第二纪委", "上级组织": "学校党委", "类型": "学校纪委"}, "类型", "各只有一个"),
        ("人员", {"用户名": "office", "姓名": "甲"}, "用户名", "重复"),
        ("人员", {"用户名": "sysadmin", "姓名": "甲"}, "用户名", "系统管理员维护"),
        ("人员", {"用户名": "x1", "姓名": "甲", "电子邮箱": "不是邮箱"}, "电子邮箱", "不是电子邮箱"),
        ("人员", {"用户名": "x1"}, "姓名", "没有填写"),
        ("岗位与任职", {"组织": "法学院", "职务": "副职", "角色": "系统管理员"}, "角色", "不在列表中"),
        (
            "岗位与任职",
            {"组织": "法学院", "职务": "副职", "角色": "联络员", "用户名": "nobody", "起任日期": "2026-1-1"},
            "用户名",
            "没有这个用户名",
        ),
        (
            "岗位与任职",
            {"组织": "法学院", "职务": "副职", "角色": "联络员", "用户名": "liaison"},
            "起任日期",
            "要填起任日期",
        ),
        (
            "岗位与任职",
            {
                "组织": "法学院",
                "职务": "副职",
                "角色": "联络员",
                "用户名": "liaison",
                "起任日期": "2026-2-1",
                "离任日期": "2026-1-1",
            },
            "离任日期",
            "不能早于",
        ),
        (
            "岗位与任职",
            {"组织": "会计学院", "职务": "联络员", "角色": "联络员", "用户名": "branch", "起任日期": "2026-5-1"},
            "起任日期",
            "不能有两名任职者",
        ),
        (
            "分工",
            {"校领导职务": "无此职务", "单位": "法学院", "分工": "联系单位", "起始日期": "2026-1-1"},
            "校领导职务",
            "没有这个",
        ),
    ],
)
def test_each_rule_names_its_column(people, sheet, values, column, words):
    book = opened()
    row = add(book[sheet], **values)
    _, plan = roster.receive(saved(book), by=people["office"])
    found = [one for one in plan.book.complaints if one.sheet == sheet and one.row == row]
    assert [one.column for one in found] == [column]
    assert words in found[0].reason


def test_organisations_in_a_circle_are_found(people):
    book = opened()
    add(book["组织"], 名称="甲部", 上级组织="乙部", 类型="行政部门")
    add(book["组织"], 名称="乙部", 上级组织="甲部", 类型="行政部门")
    _, plan = roster.receive(saved(book), by=people["office"])
    assert len(plan.book.complaints) == 2
    assert "成了一圈" in plan.book.complaints[0].reason


# ── good rows ────────────────────────────────────────────────────────────────────────────────


def test_new_rows_hang_together_whatever_their_order(people):
    book = opened()
    add(book["组织"], 名称="第一党支部", 上级组织="交叉学院", 类型="党支部")
    add(book["组织"], 名称="交叉学院", 上级组织="学校党委", 类型="二级学院")
    add(book["人员"], 用户名="jiao.xin", 姓名="焦䶮", 电子邮箱="j@jhjm.example")
    add(
        book["岗位与任职"],
        组织="交叉学院",
        职务="党委书记",
        角色="二级党组织书记",
        用户名="jiao.xin",
        起任日期="２０２６年９月１日",
    )
    add(book["分工"], 校领导职务="分管财务副校长", 单位="交叉学院", 分工="联系单位", 起始日期=46266)
    done = imported(book, people["office"])
    assert (done.added, done.changed) == (6, 0)
    person = Person.objects.get(username="jiao.xin")
    assert not person.has_usable_password()
    assert person.must_change_password
    assert not person.is_staff
    assert not person.is_superuser
    tenure = Tenure.objects.get(person=person)
    assert (tenure.started_on, tenure.post.full_title) == (date(2026, 9, 1), "交叉学院党委书记")
    assert Portfolio.objects.get(organisation__name="交叉学院").started_on == date(2026, 9, 1)
    assert Organisation.objects.get(name="第一党支部", parent__name="交叉学院").path
    assert tenure.history.first().history_change_reason == "导入花名册：花名册.xlsx"
    assert cast_grant(person)


def cast_grant(person) -> bool:
    from accountability import access

    return access.may(person, "confirm_record", Organisation.objects.get(name="交叉学院"))


def test_a_change_of_holder_by_file_makes_the_sheet_too(people):
    book = opened()
    posts = book["岗位与任职"]
    row = where(posts, 组织="会计学院", 用户名="unit_secretary")
    put(posts, row, 离任日期="2026.11.20")
    title = posts.cell(row, 3).value
    add(book["人员"], 用户名="newhead", 姓名="新书记")
    add(posts, 组织="会计学院", 职务=title, 角色="二级党组织书记", 用户名="newhead", 起任日期="2026/11/21")
    done = imported(book, people["office"])
    assert (done.added, done.changed) == (2, 1)
    sheet = HandOver.objects.get()
    assert (sheet.giver.username, sheet.taker.username) == ("unit_secretary", "newhead")


def test_rows_left_out_are_left_alone(people):
    book = opened()
    for sheet in book.worksheets[:4]:
        sheet.delete_rows(3, sheet.max_row)
    row, plan = roster.receive(saved(book), by=people["office"])
    assert plan.changes == []
    assert row is not None


def test_what_changed_since_the_preview_is_not_written(people):
    book = opened()
    add(book["人员"], 用户名="late", 姓名="迟到")
    row, _ = roster.receive(saved(book), by=people["office"])
    Person.objects.create_user("late", "另一人")
    before = everything()
    with pytest.raises(ValidationError, match="预览之后"):
        roster.confirm(row, by=people["office"])
    assert everything() == before
    roster.drop(row, by=people["office"])
    with pytest.raises(ValidationError, match="已放弃"):
        roster.confirm(row, by=people["office"])


def test_the_office_walks_it_in_the_browser_client(login):
    client = login("office")
    assert client.get("/organisations/roster/").status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(client.get("/organisations/roster/export/").content))
    add(book["人员"], 用户名="walker", 姓名="走一遍")
    answer = client.post("/organisations/roster/", {"file": saved(book)})
    page = client.get(answer["Location"]).content.decode()
    assert "将新增 1 行" in page
    assert "走一遍（walker）" in page
    assert not Person.objects.filter(username="walker").exists()
    assert "新增 1 行，修改 0 行" in confirmed(client, answer["Location"])
    assert Person.objects.filter(username="walker").exists()
    assert "已导入" in client.get("/organisations/roster/").content.decode()


def test_two_in_one_name_meanwhile_is_refused_on_the_page_and_the_file_waits_on(login, people):
    client, book = login("office"), opened()
    add(book["人员"], 用户名="late", 姓名="迟到")
    page = client.post("/organisations/roster/", {"file": saved(book)})["Location"]
    client.post(f"{page}confirm/")
    assert not Person.objects.filter(username="late").exists()
    Person.objects.create_user("late", "另一人")
    assert work_off().error.startswith("任务未完成：预览之后系统里的数据有了变化")
    assert Person.objects.get(username="late").name == "另一人"
    seen = client.get(page).content.decode()
    assert "没有写入任何内容" in seen
    assert "确定导入" in seen
    assert RosterImport.objects.get().state == RosterImport.State.WAITING
    assert Notice.objects.get(kind=Notice.Kind.IMPORT).url == page


# ── files ────────────────────────────────────────────────────────────────────────────────────


def test_text_that_looks_like_a_formula_stays_text(people):
    Person.objects.filter(username="liaison").update(name="=1+1")
    book = opened()
    row = where(book["人员"], 用户名="liaison")
    assert book["人员"].cell(row, 2).data_type == "s"
    _, plan = roster.receive(saved(book), by=people["office"])  # written by a tool that makes it a formula again
    assert plan.book.complaints == [] or "公式" in plan.book.complaints[0].reason


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("花名册.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600),
        ("花名册.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600),
        ("花名册.xlsx", "名称,类型\n甲,乙".encode()),
        ("花名册.xlsx", b""),
        ("花名册.xlsx", papers.pdf("不是表格")),
        ("花名册.csv", b"a,b"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(login, name, content):
    page = login("office").post("/organisations/roster/", {"file": SimpleUploadedFile(name, content)})
    assert page.status_code == 400
    assert "有 1 处需要修改" in page.content.decode()


def test_a_workbook_of_something_else_is_refused(people):
    book = openpyxl.Workbook()
    book.active.title = "整改台账"
    book.active.append(["序号", "问题"])
    _, plan = roster.receive(saved(book), by=people["office"])
    assert "没有找到" in plan.book.complaints[0].reason


@pytest.mark.parametrize("who", ["discipline", "secretary", "member", "unit_secretary", "sysadmin"])
def test_only_the_office_has_the_roster(login, people, who):
    client = login(who)
    assert client.get("/organisations/roster/").status_code == 403
    assert client.get("/organisations/roster/export/").status_code == 403
    with pytest.raises(PermissionDenied):
        roster.receive(saved(openpyxl.Workbook()), by=people[who])
