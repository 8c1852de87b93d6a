"""机构调整: rename, move, merge, abolish; the past keeps its name (一（二）, 三（三）2)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accountability.models import Duty, FormerName, Organisation, Post, Record, Tenure
from accountability.services.duties import assign
from accountability.services.opening import open_year
from accountability.services.reorganisation import Kind, carry_out, plan
from tests import acts, cast

pytestmark = pytest.mark.django_db
REASON = "校发〔2026〕40号"


def done(people, whose: str, kind: str, **fields):
    found = plan(cast.organisation(whose), kind, on=fields.pop("on", cast.TODAY), **fields)
    carry_out(found, by=people["office"], reason=REASON)
    return found


def test_a_renamed_unit_keeps_its_past_under_the_old_name(login, people):
    unit = cast.organisation(cast.OURS)
    record = acts.record(people["unit_secretary"], unit, "duty-report", on=date(2026, 11, 10))
    done(people, cast.OURS, Kind.RENAME, name="会计与审计学院", on=date(2026, 11, 20))
    duty = Duty.objects.for_list().get(evidence__record=record)
    # done on the day its record happened, before the new name
    assert duty.organisation_name == "会计学院"
    assert Record.objects.for_list().get(pk=record.pk).organisation_name == "会计学院"
    open_one = Duty.objects.for_list().open().filter(organisation=unit).first()
    assert open_one.organisation_name == "会计与审计学院"
    page = login("office").get(f"/ledger/?organisation={unit.pk}").content.decode()
    assert "会计学院" in page
    assert "会计与审计学院" in page
    page = login("office").get(f"/organisations/{unit.pk}/").content.decode()
    assert "曾用名" in page
    branch = unit.children.first()
    assert branch.former_names.get().name.startswith("会计学院")


def test_a_merged_unit_hands_on_what_its_successor_does_not_owe(people):
    ours, theirs = cast.organisation(cast.OURS), cast.organisation(cast.THEIRS)
    record = acts.record(people["unit_secretary"], ours, "duty-report", on=date(2026, 11, 10))
    secretary = ours.posts.get(role="unit_secretary")
    task = assign(
        title="答复巡察意见",
        organisation=ours,
        owner=secretary,
        work_year=cast.YEAR,
        due_on=date(2026, 12, 10),
        by=people["office"],
    )
    open_before = Duty.objects.filter(organisation=ours, state="open").count()
    branches = ours.children.count()
    found = done(people, cast.OURS, Kind.MERGE, target=theirs)
    assert task in found.moved
    assert len(found.moved) + len(found.waived) == open_before
    ours.refresh_from_db()
    task.refresh_from_db()
    assert (ours.abolished_on, ours.merged_into, ours.parent) == (cast.TODAY, theirs, theirs)
    assert (task.organisation, task.owner.organisation) == (theirs, theirs)
    assert Duty.objects.get(evidence__record=record).organisation == ours  # what was done stays
    assert not Duty.objects.filter(organisation=ours, state="open").exists()
    assert not Post.objects.filter(organisation=ours, abolished_on=None).exists()
    assert not Tenure.objects.filter(post__organisation=ours, ended_on=None).exists()
    moved = Organisation.objects.filter(parent=theirs, kind="branch").count()
    assert moved >= branches
    # who sees the successor sees the past of what was merged into it, and nobody else gained by it
    head = people["other_secretary"]
    assert Record.objects.visible_to(head).filter(pk=record.pk).exists()
    assert not Record.objects.visible_to(people["branch"]).filter(pk=record.pk).exists()


def test_branches_of_the_same_name_are_told_apart(people):
    theirs = cast.organisation(cast.THEIRS)
    done(people, cast.OURS, Kind.MERGE, target=theirs)
    names = list(theirs.children.filter(abolished_on=None).values_list("name", flat=True))
    assert len(names) == len(set(names))
    assert "会计学院第一党支部" in names


def test_an_abolished_unit_owes_nothing_more(people):
    unit = cast.organisation("财务处")
    for branch in unit.children.all():
        carry_out(plan(branch, Kind.ABOLISH, on=cast.TODAY), by=people["office"], reason=REASON)
    done(people, "财务处", Kind.ABOLISH)
    assert not Duty.objects.filter(organisation=unit, state="open").exists()
    open_year(2027, by=people["office"])
    assert not Duty.objects.filter(organisation=unit, work_year=2027).exists()


def test_a_branch_changes_its_unit(people):
    branch, theirs = cast.organisation(f"{cast.OURS}/第一党支部"), cast.organisation(cast.THEIRS)
    theirs.children.filter(name="第一党支部").update(name="原第一党支部")
    found = plan(branch, Kind.MOVE, on=cast.TODAY, target=theirs)
    carry_out(found, by=people["office"], reason=REASON)
    branch.refresh_from_db()
    assert branch.path.startswith(theirs.path)
    assert FormerName.objects.get(organisation=branch).name == "会计学院第一党支部"


def test_what_cannot_be_is_refused_in_words(people):
    ours, school = cast.organisation(cast.OURS), cast.organisation("学校党委")
    branch = cast.organisation(f"{cast.OURS}/第一党支部")
    for organisation, kind, fields, words in (
        (ours, Kind.RENAME, {"name": cast.THEIRS}, "已有"),
        (ours, Kind.RENAME, {"name": cast.OURS}, "相同"),
        (ours, Kind.RENAME, {"name": "甲"}, "2 至 60"),
        (ours, Kind.RENAME, {"name": "新学院", "on": cast.TODAY + timedelta(days=1)}, "不能晚于今天"),
        (ours, Kind.MERGE, {"target": None}, "请选择"),
        (ours, Kind.MERGE, {"target": ours}, "不能是自己"),
        (ours, Kind.MERGE, {"target": branch}, "不能是自己"),
        (branch, Kind.MERGE, {"target": cast.organisation(cast.THEIRS)}, "党支部并入党支部"),
        (ours, Kind.MERGE, {"target": school}, "二级单位"),
        (ours, Kind.ABOLISH, {}, "下面还有"),
        (school, Kind.ABOLISH, {}, "只能改名"),
        (ours, Kind.MOVE, {"target": school}, "现在就隶属"),
    ):
        with pytest.raises(ValidationError, match=words):
            plan(organisation, kind, **({"on": cast.TODAY} | fields))


def test_only_the_office_reorganises_and_says_why(people):
    found = plan(cast.organisation(cast.OURS), Kind.RENAME, on=cast.TODAY, name="新学院")
    with pytest.raises(PermissionDenied):
        carry_out(found, by=people["discipline"], reason=REASON)
    with pytest.raises(ValidationError, match="依据"):
        carry_out(found, by=people["office"], reason="")


def test_the_office_previews_then_confirms(login, people):
    unit, client = cast.organisation(cast.OURS), login("office")
    path = f"/organisations/{unit.pk}/reorganise/?kind=merge"
    data = {"target": cast.organisation(cast.THEIRS).pk, "on": "2026-11-23", "reason": REASON}
    page = client.post(path, data).content.decode()
    assert "将会发生" in page
    assert "不再要求" in page
    unit.refresh_from_db()
    assert unit.abolished_on is None  # a preview writes nothing
    assert client.post(path, data | {"confirm": "1"}).status_code == 302
    unit.refresh_from_db()
    assert unit.abolished_on == cast.TODAY
    assert "并入" in client.get("/organisations/").content.decode()
    assert unit.history.first().history_change_reason == f"并入其他单位：{REASON}"


@pytest.mark.parametrize("who", ["unit_secretary", "discipline", "member"])
def test_others_read_the_tree_but_change_nothing(login, people, who):
    unit, client = cast.organisation(cast.OURS), login(who)
    assert client.get("/organisations/").status_code == 200
    assert client.get(f"/organisations/{unit.pk}/").status_code == 200
    assert client.get(f"/organisations/{unit.pk}/reorganise/?kind=rename").status_code == 403
    post = unit.posts.first()
    assert client.post(f"/posts/{post.pk}/appoint/", {}).status_code == 403


def test_what_waits_for_a_decision_is_decided_first(people):
    acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    with pytest.raises(ValidationError, match="1 条待审核"):
        plan(cast.organisation(cast.OURS), Kind.MERGE, on=cast.TODAY, target=cast.organisation(cast.THEIRS))


def test_a_post_that_answers_for_others_keeps_its_organisation(people):
    office = cast.organisation("党委办公室")
    for branch in office.children.all():
        carry_out(plan(branch, Kind.ABOLISH, on=cast.TODAY), by=people["office"], reason=REASON)
    with pytest.raises(ValidationError, match="其他组织的责任"):
        plan(office, Kind.ABOLISH, on=cast.TODAY)


def test_a_merged_branch_keeps_its_own_name_for_its_past(people):
    unit = cast.organisation(cast.OURS)
    first, second = unit.children.order_by("rank", "id")[:2]
    name = first.full_name
    carry_out(plan(first, Kind.MERGE, on=cast.TODAY, target=second), by=people["office"], reason=REASON)
    assert first.former_names.get().name == name


def test_a_renamed_department_goes_on_helping(people):
    done(people, "组织部", Kind.RENAME, name="干部工作部")
    open_year(2027, by=people["office"])
    helped = Duty.objects.filter(work_year=2027, helpers__name="干部工作部")
    assert helped.exists()
