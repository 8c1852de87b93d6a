"""组织导入: two tables become the tree, its posts and portfolios; one bad cell stops the whole."""

from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accountability.models import Organisation, Person, Portfolio, Post, Role
from accountability.services.organisations import branch_name, import_organisation

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent.parent.parent / "accountability" / "data"
Kind = Organisation.Kind


@pytest.fixture
def system(db) -> Person:
    return Person.objects.system()


@pytest.fixture
def tables(tmp_path):
    """The sample tables with a replacement in one of them, written in some encoding."""

    def write(table: str = "", old: str = "", new: str = "", encoding: str = "utf-8-sig") -> tuple[Path, Path]:
        paths = []
        for name in ("organisations", "leaders"):
            text = (DATA / f"{name}.csv").read_text(encoding="utf-8-sig")
            if name == table:
                assert old in text
                text = text.replace(old, new, 1)
            path = tmp_path / f"{name}.csv"
            path.write_text(text, encoding=encoding)
            paths.append(path)
        return tuple(paths)

    return write


def counts() -> list[int]:
    return [model.objects.count() + model.history.count() for model in (Organisation, Post, Portfolio)]


# ── the sample university, as the foundation imported it ─────────────────────────────────────


def test_the_sample_has_its_units_branches_and_leaders():
    kinds = [(kind, Organisation.objects.filter(kind=kind).count()) for kind in Kind]
    assert dict(kinds) == {
        Kind.SCHOOL: 1,
        Kind.COMMISSION: 1,
        Kind.COLLEGE: 12,
        Kind.AFFILIATE: 1,
        Kind.PARTY_OFFICE: 9,
        Kind.ADMIN_OFFICE: 16,
        Kind.BRANCH: 100,
    }
    leaders = Post.objects.filter(organisation__kind=Kind.SCHOOL, role__in=(Role.SECRETARY, Role.MEMBER))
    assert leaders.count() == 22
    assert leaders.get(role=Role.SECRETARY).title == "党委书记"


def test_paths_reach_down_the_tree():
    college = Organisation.objects.get(name="会计学院")
    names = Organisation.objects.below(college).values_list("name", flat=True)
    assert set(names) == {"会计学院", *(branch_name(number) for number in range(1, 9))}
    school = Organisation.objects.get(kind=Kind.SCHOOL)
    assert Organisation.objects.below(school).count() == Organisation.objects.count()


@pytest.mark.parametrize(
    ("unit", "title"), [("会计学院", "党委书记"), ("图书馆", "党总支书记"), ("财务处", "直属党支部书记")]
)
def test_every_unit_has_a_secretary_and_a_liaison(unit, title):
    posts = Post.objects.filter(organisation__name=unit)
    assert posts.get(role=Role.UNIT_SECRETARY).title == title
    assert posts.get(role=Role.LIAISON).title == "联络员"


def test_every_branch_has_a_secretary():
    branches = Organisation.objects.filter(kind=Kind.BRANCH)
    assert Post.objects.filter(role=Role.BRANCH_SECRETARY, organisation__in=branches).count() == branches.count()


def test_every_role_has_a_post():
    assert set(Post.objects.values_list("role", flat=True)) == set(Role.values)


def test_the_working_post_of_the_commission_answers_before_its_secretary():
    titles = [post.full_title for post in Post.objects.filter(role=Role.DISCIPLINE)]
    assert titles == ["纪委办公室监督检查室主任", "纪委书记"]


def test_portfolios_come_from_the_leaders_table():
    portfolio = Portfolio.objects.filter(post__title="分管财务副校长")
    assert {(one.organisation.name, one.kind, one.started_on) for one in portfolio} == {
        ("财务处", "charge", date(2021, 1, 1)),
        ("会计学院", "contact", date(2021, 1, 1)),
    }
    assert not Portfolio.objects.filter(post__title="分管校友副校长").exists()


def test_every_row_has_a_history_with_actor_and_reason(system):
    for model in (Organisation, Post, Portfolio):
        assert not model.history.exclude(history_user=system, history_change_reason="导入组织").exists()
        assert model.history.count() == model.objects.count()


@pytest.mark.parametrize(
    ("number", "name"),
    [(1, "第一党支部"), (10, "第十党支部"), (11, "第十一党支部"), (20, "第二十党支部"), (34, "第三十四党支部")],
)
def test_branches_are_numbered_in_chinese(number, name):
    assert branch_name(number) == name


# ── importing again ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_importing_again_adds_nothing_in_any_encoding(system, tables, encoding):
    before = counts()
    summary = import_organisation(*tables(encoding=encoding), by=system)
    assert str(summary) == "组织、岗位和分工没有变化。"
    assert counts() == before


def test_another_branch_is_added_with_its_post(system, tables):
    summary = import_organisation(*tables("organisations", "学校党委,8,,分管财务", "学校党委,9,,分管财务"), by=system)
    assert (summary.organisations, summary.posts, summary.changed) == (1, 1, 0)
    branch = Organisation.objects.get(parent__name="会计学院", name="第九党支部")
    assert branch.posts.get().role == Role.BRANCH_SECRETARY


def test_a_new_key_area_is_a_change_with_history(system, tables):
    import_organisation(
        *tables("organisations", "审计处,行政部门,学校党委,1,,", "审计处,行政部门,学校党委,1,财务管理,"), by=system
    )
    unit = Organisation.objects.get(name="审计处")
    assert unit.key_area == "财务管理"
    assert unit.history.count() == 2


def test_a_unit_may_stand_below_another(system, tables):
    new = "校工会,党务部门,学校党委,1,,分管工会副校长\n工会活动中心,直属单位,校工会,0,,"
    import_organisation(*tables("organisations", "校工会,党务部门,学校党委,1,,分管工会副校长", new), by=system)
    below = Organisation.objects.get(name="工会活动中心")
    assert below.path.startswith(Organisation.objects.get(name="校工会").path)


def test_an_ended_portfolio_does_not_come_back(system, tables):
    portfolio = Portfolio.objects.get(post__title="分管财务副校长", kind="contact")
    portfolio.ended_on = date(2026, 6, 30)
    portfolio.save()
    assert import_organisation(*tables(), by=system).portfolios == 0


# ── bad tables ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("organisations", "法学院,二级学院", "法学院,三级学院", "organisations.csv 第 4 行“类型”：没有“三级学院”"),
        (
            "organisations",
            "法学院,二级学院,学校党委",
            "法学院,二级学院,某某党委",
            "organisations.csv 第 4 行“上级组织”",
        ),
        ("organisations", "法学院,二级学院,学校党委", "法学院,二级学院,财务处", "列在前面的单位"),
        ("organisations", "学校党委,6,,纪委书记", "学校党委,6,,校监", "第 4 行“分管校领导”：校领导表中没有“校监”"),
        ("organisations", "学校党委,6,,纪委书记", "学校党委,6,,校长", "分管部门和联系单位没有“法学院”"),
        ("organisations", "学校党委,6,,纪委书记", "学校党委,-6,,纪委书记", "第 4 行“党支部数”：-6 不在 0 至 99"),
        ("organisations", "学校党委,6,,纪委书记", "学校党委,六,,纪委书记", "“六”不是整数"),
        ("organisations", "学校党委,6,,纪委书记", "学校党委,5,,纪委书记", "5 少于现有的 6 个"),
        ("organisations", "学校党委,6,,纪委书记", "学校党委,100,,纪委书记", "100 不在 0 至 99"),
        ("organisations", "会计学院,二级学院", "法学院,二级学院", "第 5 行“单位”：“法学院”重复出现"),
        ("organisations", "法学院,二级学院", "学校纪委,二级学院", "“学校纪委”重复出现"),
        ("organisations", "法学院,二级学院", ",二级学院", "第 4 行“单位”：没有填写"),
        ("organisations", "法学院,二级学院", "法" * 61 + ",二级学院", "最多 60 个"),
        ("organisations", "学校党委,6,,纪委书记", "学校党委,6," + "域" * 21 + ",纪委书记", "第 4 行“重点领域”"),
        ("organisations", "学校党委,6,,纪委书记", "学校党委,6", "第 4 行：有 4 列，应为 6 列"),
        ("organisations", "单位,类型", "名称,类型", "第 1 行：表头应为"),
        ("leaders", "党委副书记,班子成员", "党委副书记,旁听", "leaders.csv 第 3 行“责任主体”：没有“旁听”"),
        ("leaders", ",国际经贸学院", ",国际学院", "leaders.csv 第 3 行“联系单位”：组织表中没有“国际学院”"),
        ("leaders", "教师工作部、人事处", "教师工作部、人事科", "leaders.csv 第 4 行“分管部门”：组织表中没有“人事科”"),
        ("leaders", "教师工作部、人事处", "人事处、人事处", "“人事处”在这一行重复出现"),
        ("leaders", "党委副书记,班子成员", "党委书记,班子成员", "leaders.csv 第 3 行“职务”：“党委书记”重复出现"),
        ("leaders", "党委书记,党委书记", "党委书记,班子成员", "“党委书记”的应有 1 行，实有 0 行"),
        ("leaders", "职务,责任主体", "职务,主体", "leaders.csv 第 1 行：表头应为"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_written(system, tables, table, old, new, said):
    before = counts()
    with pytest.raises(ValidationError) as refused:
        import_organisation(*tables(table, old, new), by=system)
    assert said in "\n".join(refused.value.messages)
    assert counts() == before


def test_a_file_in_no_known_encoding_is_refused(system, tables):
    units, leaders = tables()
    units.write_bytes(b"\xff\xfe\x00\xd8\x81")
    with pytest.raises(ValidationError, match="既不是 UTF-8 也不是 GB18030"):
        import_organisation(units, leaders, by=system)


def test_an_empty_file_is_refused(system, tables):
    units, leaders = tables()
    leaders.write_bytes(b"")
    with pytest.raises(ValidationError, match="leaders.csv 第 1 行"):
        import_organisation(units, leaders, by=system)


def test_a_missing_file_is_refused(system, tables, tmp_path):
    with pytest.raises(ValidationError, match="读不到文件"):
        import_organisation(tmp_path / "none.csv", tables()[1], by=system)


def test_the_command_imports_or_says_why_not(tables, capsys):
    units, leaders = tables()
    call_command("import_organisation", organisations=units, leaders=leaders)
    assert "没有变化" in capsys.readouterr().out
    units, leaders = tables("organisations", "法学院,二级学院", "法学院,三级学院")
    with pytest.raises(CommandError, match="没有导入"):
        call_command("import_organisation", organisations=units, leaders=leaders)
