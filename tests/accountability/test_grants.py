"""授权同步: grants follow posts and nothing else; the three administrators stay three people."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management import call_command
from guardian.models import UserObjectPermission

from accountability import access
from accountability.models import Duty, Organisation, Person, Portfolio, Post, Role, Tenure
from accountability.services.grants import check_role_change, check_separation, sync_grants
from tests import cast

pytestmark = pytest.mark.django_db
YESTERDAY = cast.TODAY - timedelta(days=1)


def grants(username: str) -> dict[str, set[str]]:
    """Permission → names of the organisations it stands on, read afresh."""
    person = Person.objects.get(username=username)
    names = dict(Organisation.objects.values_list("pk", "name"))
    return {codename: {names[pk] for pk in ids} for codename, ids in access.grants_of(person).items()}


def post_of(username: str) -> Post:
    return Post.objects.get(tenures__person__username=username)


# ── what each role holds ─────────────────────────────────────────────────────────────────────

OURS = {cast.OURS}
EXPECTED = {
    "office": {
        "view_ledger": {"学校党委"},
        "keep_record": {"学校党委", "党委办公室"},
        "confirm_record": {"学校党委", "党委办公室"},
        "manage_duties": {"学校党委"},
    },
    "discipline": {
        "view_ledger": {"学校党委"},
        "supervise": {"学校党委"},
        "manage_inspections": {"学校党委"},
        "keep_record": {"学校纪委", "纪委办公室"},
        "confirm_record": {"学校纪委", "纪委办公室"},
    },
    "secretary": {"view_ledger": {"学校党委"}, "confirm_record": {"学校党委"}},
    "member": {"view_ledger": {"财务处", "会计学院"}},
    "unit_secretary": {"view_ledger": OURS, "keep_record": OURS, "confirm_record": OURS},
    "liaison": {"view_ledger": OURS, "keep_record": OURS},
    "branch": {"view_ledger": {"第一党支部"}, "keep_record": {"第一党支部"}, "confirm_record": {"第一党支部"}},
    "department": {"view_ledger": {"财务处"}, "keep_record": {"财务处"}},
    "inspector": {},
    "sysadmin": {},
    "secadmin": {},
    "auditor": {},
    "outsider": {},
}


@pytest.mark.parametrize("username", EXPECTED)
def test_each_role_holds_exactly_its_grants(people, username):
    assert grants(username) == EXPECTED[username]


@pytest.mark.parametrize("username", ["inspector", *cast.ADMINISTRATORS, "outsider"])
def test_who_holds_no_grant_sees_no_business(people, username):
    assert not Organisation.objects.visible_to(people[username]).exists()
    assert not Duty.objects.visible_to(people[username]).exists()


# ── keeping in step ──────────────────────────────────────────────────────────────────────────


def test_running_again_changes_nothing(people):
    assert sync_grants(cast.TODAY) == (0, 0)


def test_the_number_of_queries_does_not_grow_with_the_people(people, django_assert_max_num_queries):
    UserObjectPermission.objects.all().delete()
    with django_assert_max_num_queries(40):
        added, removed = sync_grants(cast.TODAY)
    assert added > 500
    assert removed == 0


def test_an_ended_tenure_ends_the_grants_the_day_after(people):
    Tenure.objects.filter(person=people["liaison"]).update(ended_on=cast.TODAY)
    assert sync_grants(cast.TODAY) == (0, 0)
    assert sync_grants(cast.TODAY + timedelta(days=1)) == (0, 2)
    assert grants("liaison") == {}


def test_a_future_tenure_waits_for_its_day(people):
    post = Post.objects.get(organisation__name=cast.VACANT, role=Role.LIAISON)
    Tenure.objects.create(post=post, person=people["outsider"], started_on=cast.TODAY + timedelta(days=1))
    assert sync_grants(cast.TODAY) == (0, 0)
    assert sync_grants(cast.TODAY + timedelta(days=1)) == (2, 0)


def test_a_deactivated_person_loses_everything(people):
    Person.objects.filter(username="unit_secretary").update(is_active=False)
    assert sync_grants(cast.TODAY) == (0, 3)


def test_an_ended_portfolio_closes_the_members_view(people):
    Portfolio.objects.filter(post=post_of("member"), organisation__name="会计学院").update(ended_on=YESTERDAY)
    assert sync_grants(cast.TODAY) == (0, 1)
    assert grants("member") == {"view_ledger": {"财务处"}}


def test_a_grant_given_by_hand_does_not_last(people):
    theirs = cast.organisation(cast.THEIRS)
    UserObjectPermission.objects.assign_perm("view_ledger", people["liaison"], theirs)
    assert sync_grants(cast.TODAY) == (0, 1)


def test_grants_on_other_things_than_organisations_are_left_alone(people):
    UserObjectPermission.objects.assign_perm("view_duty", people["liaison"], Duty.objects.first())
    assert sync_grants(cast.TODAY) == (0, 0)
    assert UserObjectPermission.objects.filter(permission__codename="view_duty").exists()


def test_the_command_says_what_it_did(people, capsys):
    call_command("sync_grants")
    assert "新增授权 0 项，收回 0 项。" in capsys.readouterr().out


# ── 三员 ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("username", "group"), [("sysadmin", "系统管理员"), ("secadmin", "安全管理员"), ("auditor", "审计管理员")]
)
def test_each_administrator_is_in_his_group_and_staff(people, username, group):
    assert [one.name for one in people[username].groups.all()] == [group]
    assert people[username].is_staff


@pytest.mark.parametrize("username", cast.BUSINESS)
def test_business_people_do_not_enter_the_admin(people, username):
    assert not people[username].is_staff
    assert not people[username].groups.exists()


def test_no_administrator_may_touch_business_content(people):
    business = ("duty", "record", "evidence", "attachment", "notice", "digest", "meeting", "workyear", "job")
    for group in Group.objects.all():
        for permission in group.permissions.all():
            assert permission.content_type.model.removeprefix("historical") not in business


def test_the_duties_of_the_three_do_not_overlap(people):
    assert people["sysadmin"].has_perm("accountability.add_person")
    assert not people["sysadmin"].has_perm("accountability.add_tenure")
    assert not people["sysadmin"].has_perm("guardian.view_userobjectpermission")
    assert not people["sysadmin"].has_perm("admin.view_logentry")
    assert people["secadmin"].has_perm("accountability.add_tenure")
    assert people["secadmin"].has_perm("accountability.change_tenure")
    assert not people["secadmin"].has_perm("accountability.change_person")
    assert people["auditor"].has_perm("admin.view_logentry")
    assert not any(
        codename.split(".")[1].startswith(("add", "change", "delete"))
        for codename in people["auditor"].get_all_permissions()
    )


def test_a_former_administrator_leaves_the_admin_with_a_history_row(people):
    Tenure.objects.filter(person=people["sysadmin"]).update(ended_on=YESTERDAY)
    sync_grants(cast.TODAY)
    person = Person.objects.get(username="sysadmin")
    assert not person.is_staff
    assert not person.groups.exists()
    assert person.history.first().history_user == Person.objects.system()


def test_a_superuser_stays_staff(people):
    root = Person.objects.create_superuser("root", "根", "a-long-password")
    sync_grants(cast.TODAY)
    root.refresh_from_db()
    assert root.is_staff


def test_a_group_edited_by_hand_is_mended(people):
    group = Group.objects.get(name="审计管理员")
    group.permissions.clear()
    sync_grants(cast.TODAY)
    assert group.permissions.filter(codename="view_logentry").exists()


@pytest.mark.parametrize(
    ("username", "role"),
    [("sysadmin", Role.SECURITY_ADMIN), ("auditor", Role.LIAISON), ("liaison", Role.AUDIT_ADMIN)],
)
def test_an_administrator_holds_no_second_post(people, username, role):
    tenure = Tenure(post=Post.objects.filter(role=role).first(), person=people[username], started_on=cast.TODAY)
    with pytest.raises(ValidationError, match="三员不得兼任"):
        check_separation(tenure)


def test_business_people_may_hold_several_posts(people):
    post = Post.objects.filter(role=Role.DEPARTMENT).first()
    check_separation(Tenure(post=post, person=people["liaison"], started_on=cast.TODAY))


def test_an_administrator_may_change_posts_one_after_the_other(people):
    Tenure.objects.filter(person=people["sysadmin"]).update(ended_on=YESTERDAY)
    post = Post.objects.filter(role=Role.LIAISON).first()
    check_separation(Tenure(post=post, person=people["sysadmin"], started_on=cast.TODAY))


def test_a_tenure_does_not_conflict_with_itself(people):
    check_separation(Tenure.objects.get(person=people["sysadmin"]))


def test_a_post_cannot_become_an_administrators_under_a_holder_of_two(people):
    second = Post.objects.filter(role=Role.DEPARTMENT).first()
    Tenure.objects.create(post=second, person=people["liaison"], started_on=cast.TODAY)
    post = post_of_role(people["liaison"], Role.LIAISON)
    post.role = Role.SYSTEM_ADMIN
    with pytest.raises(ValidationError, match="三员不得兼任"):
        check_role_change(post)


def post_of_role(person: Person, role: str) -> Post:
    return Post.objects.get(tenures__person=person, role=role)
