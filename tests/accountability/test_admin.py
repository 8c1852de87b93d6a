"""管理后台: reference data for the three administrators, business content for none of them."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext

from accountability.models import (
    ActKind,
    Clause,
    Obligation,
    Occurrence,
    Organisation,
    Person,
    Portfolio,
    Post,
    Regulation,
    Role,
    Tenure,
    WorkdayOverride,
)
from accountability.services.drafts import draft_from
from inspections.models import LevelRule, RiskFactor
from meetings.models import MeetingKind, RequiredItem
from supervision.models import AccountabilityKind, FormMeasure
from tests import cast

pytestmark = pytest.mark.django_db
REFERENCE = (
    MeetingKind,
    RequiredItem,
    LevelRule,
    RiskFactor,
    FormMeasure,
    AccountabilityKind,
    Organisation,
    Post,
    Tenure,
    Portfolio,
    Person,
    Regulation,
    Clause,
    Obligation,
    ActKind,
    WorkdayOverride,
)
GRANTING = (Tenure, Portfolio)


def page(model, action: str = "changelist", *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{action}", args=args)


def inline(prefix: str, initial: int = 0, total: int | None = None) -> dict:
    total = initial if total is None else total
    return {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": initial}


def shown(response) -> str:
    return response.content.decode()


# ── who gets in ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("username", cast.ADMINISTRATORS)
def test_each_administrator_gets_in(login, username):
    response = login(username).get("/admin/")
    assert response.status_code == 200
    assert "四责协同 管理后台" in shown(response)


@pytest.mark.parametrize("username", [*cast.BUSINESS, "inspector", "outsider"])
def test_nobody_else_gets_in(login, username):
    client = login(username)
    assert client.get("/admin/").status_code == 302
    assert client.get(page(Person)).status_code == 302


def test_the_grants_page_speaks_chinese(login):
    text = shown(login("secadmin").get("/admin/guardian/userobjectpermission/"))
    assert "object permission" not in text
    assert "Guardian" not in text


def test_only_reference_data_is_registered():
    names = {model.__name__ for model in admin.site._registry}
    assert names == {model.__name__ for model in REFERENCE} | {"UserObjectPermission", "LogEntry"}
    assert Group not in admin.site._registry


@pytest.mark.parametrize("model", REFERENCE)
def test_the_system_administrator_reads_and_adds_every_kind_but_what_grants(login, model):
    WorkdayOverride.objects.create(day=date(2026, 11, 24), is_workday=False, reason="运动会")
    client, row = login("sysadmin"), model.objects.first()
    for address in (
        page(model),
        page(model) + "?q=学",
        page(model, "change", row.pk),
        page(model, "history", row.pk),
    ):
        assert client.get(address).status_code == 200, address
    assert client.get(page(model, "add")).status_code == (403 if model in GRANTING else 200)
    assert client.get(page(model, "delete", row.pk)).status_code == 403


@pytest.mark.parametrize("model", REFERENCE)
def test_the_auditor_reads_every_kind_and_its_history_but_changes_none(login, model):
    WorkdayOverride.objects.create(day=date(2026, 11, 24), is_workday=False, reason="运动会")
    client, row = login("auditor"), model.objects.first()
    assert client.get(page(model)).status_code == 200
    assert client.get(page(model, "history", row.pk)).status_code == 200
    assert client.get(page(model, "add")).status_code == 403
    assert client.post(page(model, "change", row.pk), {"name": "改"}).status_code == 403


def test_an_old_version_is_read_but_never_posted_back(login):
    post = Post.objects.get(organisation__name=cast.OURS, role=Role.LIAISON)
    address = page(Post, "simple_history", post.pk, post.history.first().history_id)
    client = login("auditor")
    assert client.get(address).status_code == 200
    body = {"organisation": post.organisation_id, "title": "另一职务", "role": Role.LIAISON, "rank": 1}
    assert client.post(address, body).status_code == 403
    post.refresh_from_db()
    assert post.title == "联络员"


def test_the_security_administrator_sees_grants_and_enters_tenures_and_portfolios_only(login, people):
    client = login("secadmin")
    response = client.get("/admin/guardian/userobjectpermission/?q=liaison")
    assert response.status_code == 200
    assert cast.OURS in shown(response)
    response = client.get("/admin/guardian/userobjectpermission/?permission=supervise")
    assert "严正明" in shown(response)
    assert "叶清和" not in shown(response)
    assert client.get(page(Tenure, "change", Tenure.objects.first().pk)).status_code == 200
    assert client.get(page(Portfolio, "change", Portfolio.objects.first().pk)).status_code == 200
    assert client.get(page(Person)).status_code == 200
    assert client.get(page(Person, "add")).status_code == 403
    assert client.get(page(Tenure, "add")).status_code == 200
    assert client.get(page(Portfolio, "add")).status_code == 200
    assert client.get(page(Post, "add")).status_code == 403
    assert client.get(page(Obligation)).status_code == 403
    assert client.get("/admin/admin/logentry/").status_code == 403


def test_the_log_is_the_auditors_and_read_only(login, people):
    login("sysadmin").post(page(WorkdayOverride, "add"), {"day": "2026-11-24", "is_workday": "on", "reason": "补课"})
    entry = LogEntry.objects.get()
    assert entry.user == people["sysadmin"]
    client = login("auditor")
    assert "补课" not in shown(client.get("/admin/admin/logentry/?q=nothing"))
    assert "系知常" in shown(client.get("/admin/admin/logentry/"))
    assert client.get(f"/admin/admin/logentry/{entry.pk}/delete/").status_code == 403
    assert login("sysadmin").get("/admin/admin/logentry/").status_code == 403


def test_lists_cost_the_same_at_few_and_many(login, django_assert_max_num_queries):
    client = login("secadmin")
    with django_assert_max_num_queries(16):
        client.get("/admin/guardian/userobjectpermission/")
    client = login("sysadmin")
    for model in (Tenure, Post, Portfolio, Organisation, Obligation):
        with django_assert_max_num_queries(16):
            client.get(page(model))


# ── what a save does ─────────────────────────────────────────────────────────────────────────


def test_a_change_keeps_who_and_why(login, people):
    client = login("sysadmin")
    client.post(page(WorkdayOverride, "add"), {"day": "2026-11-24", "is_workday": "on", "reason": "补课"})
    history = WorkdayOverride.objects.get().history.get()
    assert (history.history_user, history.history_change_reason) == (people["sysadmin"], "管理后台修改")


def new_tenure(post: Post, person: Person) -> dict:
    return {"post": post.pk, "person": person.pk, "started_on": "2026-11-01"}


def test_a_tenure_brings_its_grants_at_once(login, people):
    post = Post.objects.get(organisation__name=cast.VACANT, role=Role.LIAISON)
    response = login("secadmin").post(page(Tenure, "add"), new_tenure(post, people["outsider"]))
    assert response.status_code == 302
    assert Organisation.objects.visible_to(Person.objects.get(username="outsider")).filter(name=cast.VACANT).exists()


def test_a_tenure_entered_on_the_post_does_the_same_with_history(login, people):
    post = Post.objects.get(organisation__name=cast.VACANT, role=Role.LIAISON)
    body = {"organisation": post.organisation_id, "title": post.title, "role": post.role, "rank": post.rank}
    body |= inline("tenures", total=1)
    body |= {f"tenures-0-{name}": value for name, value in new_tenure(post, people["outsider"]).items()}
    assert login("secadmin").post(page(Post, "change", post.pk), body).status_code == 302
    history = post.tenures.get().history.get()
    assert (history.history_user, history.history_change_reason) == (people["secadmin"], "管理后台修改")
    assert Organisation.objects.visible_to(Person.objects.get(username="outsider")).exists()


def test_ending_a_tenure_takes_its_grants_away(login, people):
    tenure = Tenure.objects.get(person=people["liaison"])
    body = new_tenure(tenure.post, tenure.person) | {"started_on": "2025-01-01", "ended_on": "2026-11-22"}
    assert login("secadmin").post(page(Tenure, "change", tenure.pk), body).status_code == 302
    assert not Organisation.objects.visible_to(Person.objects.get(username="liaison")).exists()


def test_deactivating_a_person_takes_his_grants_away(login, people):
    body = {"username": "liaison", "name": "叶清和", "email": "", "reason": "借调期满离校"}
    assert login("sysadmin").post(page(Person, "change", people["liaison"].pk), body).status_code == 302
    person = Person.objects.get(username="liaison")
    assert not person.is_active
    assert not person.userobjectpermission_set.exists()
    assert person.password == people["liaison"].password


@pytest.mark.parametrize(("username", "role"), [("sysadmin", Role.AUDIT_ADMIN), ("auditor", Role.DEPARTMENT)])
def test_the_three_administrators_hold_nothing_else(login, people, username, role):
    post = Post.objects.filter(role=role).first()
    response = login("secadmin").post(page(Tenure, "add"), new_tenure(post, people[username]))
    assert "三员不得兼任" in shown(response)
    assert not Tenure.objects.filter(post=post, person=people[username]).exists()


def test_nor_through_the_posts_own_page(login, people):
    post = Post.objects.filter(role=Role.DEPARTMENT).first()
    held = list(post.tenures.all())
    body = {"organisation": post.organisation_id, "title": post.title, "role": post.role, "rank": post.rank}
    body |= inline("tenures", initial=len(held), total=len(held) + 1)
    for number, tenure in enumerate(held):
        body |= {f"tenures-{number}-id": tenure.pk, f"tenures-{number}-post": post.pk}
        body |= {f"tenures-{number}-person": tenure.person_id, f"tenures-{number}-started_on": "2025-01-01"}
    body |= {f"tenures-{len(held)}-{name}": value for name, value in new_tenure(post, people["auditor"]).items()}
    response = login("secadmin").post(page(Post, "change", post.pk), body)
    assert "三员不得兼任" in shown(response)


def test_a_post_may_not_turn_into_an_administrators_under_its_holder(login, people):
    post = Post.objects.get(tenures__person=people["liaison"])
    department = Post.objects.filter(role=Role.DEPARTMENT).first()
    Tenure.objects.create(post=department, person=people["liaison"], started_on=cast.TODAY)
    body = {"organisation": post.organisation_id, "title": post.title, "role": Role.SYSTEM_ADMIN, "rank": 1}
    response = login("secadmin").post(page(Post, "change", post.pk), body | inline("tenures"))
    assert "三员不得兼任" in shown(response)


@pytest.mark.parametrize("missing", ["post", "person", "started_on"])
def test_an_incomplete_tenure_is_told_so(login, people, missing):
    body = new_tenure(Post.objects.first(), people["outsider"])
    del body[missing]
    response = login("secadmin").post(page(Tenure, "add"), body)
    assert response.status_code == 200
    assert "这个字段是必填项" in shown(response)


# ── people ───────────────────────────────────────────────────────────────────────────────────


def test_a_new_person_gets_a_hashed_password_and_no_power(login):
    body = {"username": "newcomer", "name": "新来", "email": ""}
    body |= {"password1": "a-long-Password-7", "password2": "a-long-Password-7", "is_superuser": "on", "is_staff": "on"}
    assert login("sysadmin").post(page(Person, "add"), body).status_code == 302
    person = Person.objects.get(username="newcomer")
    assert person.check_password("a-long-Password-7")
    assert not (person.is_superuser or person.is_staff)


@pytest.mark.parametrize(
    ("field", "value"), [("password2", "another-Password-7"), ("username", "大写不行"), ("name", "")]
)
def test_a_bad_person_is_refused(login, field, value):
    body = {"username": "newcomer", "name": "新来"}
    body |= {"password1": "a-long-Password-7", "password2": "a-long-Password-7", field: value}
    assert login("sysadmin").post(page(Person, "add"), body).status_code == 200
    assert not Person.objects.filter(name="新来").exists()


def test_no_form_makes_anyone_a_superuser(login, people):
    body = {"username": "outsider", "name": "无岗人", "is_active": "on", "is_superuser": "on", "is_staff": "on"}
    login("sysadmin").post(page(Person, "change", people["outsider"].pk), body)
    person = Person.objects.get(username="outsider")
    assert not (person.is_superuser or person.is_staff)


def test_a_superusers_account_is_out_of_the_administrators_reach(login):
    root = Person.objects.create_superuser("root", "根", "a-long-password")
    client = login("sysadmin")
    assert client.post(page(Person, "change", root.pk), {"username": "root", "name": "改"}).status_code == 403
    assert client.get(f"/admin/accountability/person/{root.pk}/password/").status_code == 403


def test_a_password_is_set_by_the_system_administrator_alone(login, people):
    address = f"/admin/accountability/person/{people['liaison'].pk}/password/"
    body = {"usable_password": "true", "password1": "a-long-Password-7", "password2": "a-long-Password-7"}
    assert login("secadmin").post(address, body).status_code == 403
    assert login("sysadmin").post(address, body | {"set-password": "1"}).status_code == 302
    assert Person.objects.get(username="liaison").check_password("a-long-Password-7")


# ── organisations and rules ──────────────────────────────────────────────────────────────────


def test_an_organisation_cannot_stand_below_itself(login):
    unit = cast.organisation(cast.OURS)
    branch = cast.organisation(f"{cast.OURS}/第一党支部")
    body = {"name": unit.name, "kind": unit.kind, "parent": branch.pk, "rank": 1}
    response = login("sysadmin").post(page(Organisation, "change", unit.pk), body)
    assert "上级组织不能是本组织或它的下级" in shown(response)


def test_a_portfolio_belongs_to_a_leader(login):
    post = Post.objects.filter(role=Role.LIAISON).first()
    body = {"post": post.pk, "kind": "charge", "organisation": post.organisation_id, "started_on": "2026-01-01"}
    response = login("secadmin").post(page(Portfolio, "add"), body)
    assert "只有校领导岗位有分管部门和联系单位" in shown(response)


@pytest.fixture
def draft(people) -> Regulation:
    return draft_from(Regulation.objects.newest(), by=people["office"], title="草稿")


def test_a_regulation_is_added_as_a_draft_and_never_put_in_force_here(login):
    """The day is set where its effect is shown first (五)."""
    body = {"code": "new", "title": "新办法", "in_force_from": "2027-01-01"} | inline("clauses")
    assert login("sysadmin").post(page(Regulation, "add"), body).status_code == 302
    assert Regulation.objects.get(code="new").is_draft


@pytest.mark.parametrize("model", [Regulation, Clause, Obligation])
def test_what_is_in_force_is_for_reading(login, model):
    row = {
        Regulation: Regulation.objects.newest(),
        Clause: Clause.objects.get(key="2.1"),
        Obligation: Obligation.objects.get(code="study-sessions"),
    }[model]
    client = login("sysadmin")
    assert client.get(page(model, "change", row.pk)).status_code == 200
    assert client.post(page(model, "change", row.pk), {"title": "改写"}).status_code == 403


def test_nothing_is_added_below_what_is_in_force(login, draft):
    in_force, ours = Clause.objects.get(key="2.1", regulation=draft.former()), draft.clauses.get(key="2.1")
    body = {"code": "more", "title": "新", "short_title": "新", "subject": "committee", "bearer": "school", "rank": 1}
    body |= {"owner_role": "office", "acts": [ActKind.objects.first().pk], "helper_names": "[]"} | inline("occurrences")
    client = login("sysadmin")
    assert "不在可用的选项中" in shown(client.post(page(Obligation, "add"), body | {"clause": in_force.pk}))
    assert client.post(page(Obligation, "add"), body | {"clause": ours.pk}).status_code == 302
    assert Obligation.objects.get(code="more").clause == ours


def obligation_body(obligation: Obligation, occurrences: list[dict]) -> dict:
    body = {
        name: getattr(obligation, name)
        for name in ("code", "title", "short_title", "subject", "bearer", "owner_role", "requirement", "rank")
    }
    body |= {"clause": obligation.clause_id, "acts": [act.pk for act in obligation.acts.all()], "helper_names": "[]"}
    body |= inline("occurrences", obligation.occurrences.count(), len(occurrences))
    for number, facts in enumerate(occurrences):
        body |= {f"occurrences-{number}-{name}": value for name, value in facts.items()}
    return body


def rows_of(obligation: Obligation) -> list[dict]:
    names = ("id", "number", "label", "month", "day")
    return [{name: getattr(one, name) for name in names} for one in obligation.occurrences.all()]


def sessions_of(draft: Regulation) -> Obligation:
    return Obligation.objects.get(code="study-sessions", clause__regulation=draft)


def test_an_occurrence_of_a_draft_may_come_and_go(login, people, draft):
    obligation, client = sessions_of(draft), login("sysadmin")
    rows = rows_of(obligation)
    body = obligation_body(obligation, [*rows, {"number": 3, "month": 12, "day": 1}])
    assert client.post(page(Obligation, "change", obligation.pk), body).status_code == 302
    third = obligation.occurrences.get(number=3)
    assert third.history.get().history_user == people["sysadmin"]
    rows = rows_of(obligation)
    rows[2]["DELETE"] = "on"
    response = client.post(page(Obligation, "change", obligation.pk), obligation_body(obligation, rows))
    assert response.status_code == 302
    assert obligation.occurrences.count() == 2
    assert Occurrence.history.filter(id=third.pk, history_type="-", history_user=people["sysadmin"]).exists()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"number": 3, "month": 2, "day": 30}, "没有 2 月 30 日这一天"),
        ({"number": 3, "month": 13, "day": 1}, "没有 13 月 1 日这一天"),
        ({"number": 3, "day": 1}, "这个字段是必填项"),
    ],
)
def test_an_impossible_day_is_refused(login, draft, facts, said):
    obligation = sessions_of(draft)
    body = obligation_body(obligation, [*rows_of(obligation), facts])
    response = login("sysadmin").post(page(Obligation, "change", obligation.pk), body)
    assert response.status_code == 200
    assert said in shown(response)


def test_an_open_ended_obligation_has_no_occurrences(login, draft):
    obligation = sessions_of(draft)
    body = obligation_body(obligation, rows_of(obligation)) | {"is_open_ended": "on"}
    response = login("sysadmin").post(page(Obligation, "change", obligation.pk), body)
    assert "不设次数（N）的责任要求没有应完成次" in shown(response)


@pytest.mark.parametrize("english", ["Model name", "Add link", "Change or view list link", "Error:", "Changes"])
def test_what_django_left_in_english_is_chinese(english):
    assert gettext(english) != english


def test_a_new_holder_entered_here_takes_over_with_a_sheet_too(login, people):
    from accountability.models import HandOver, Person, Tenure
    from tests import letters

    post = letters.post_of(people["unit_secretary"])
    Tenure.objects.filter(post=post).update(ended_on="2026-11-22")
    successor = Person.objects.create_user("successor", "继任", cast.PASSWORD)
    data = {"post": post.pk, "person": successor.pk, "started_on": "2026-11-23", "ended_on": ""}
    assert login("secadmin").post("/admin/accountability/tenure/add/", data).status_code == 302
    sheet = HandOver.objects.get()
    assert (sheet.giver.username, sheet.taker) == ("unit_secretary", successor)


# ── 三员分权 ─────────────────────────────────────────────────────────────────────────────────


def test_who_makes_accounts_gives_them_no_power(login, people):
    """The system administrator enters neither tenure nor portfolio, and turns no post into another role's."""
    client = login("sysadmin")
    post = Post.objects.get(organisation__name=cast.VACANT, role=Role.LIAISON)
    assert client.post(page(Tenure, "add"), new_tenure(post, people["outsider"])).status_code == 403
    tenure = Tenure.objects.get(person=people["liaison"])
    assert client.post(page(Tenure, "change", tenure.pk), new_tenure(post, people["outsider"])).status_code == 403
    body = {"organisation": post.organisation_id, "title": "新名称", "role": Role.DISCIPLINE, "rank": 3}
    body |= inline("tenures", total=1)
    body |= {f"tenures-0-{name}": value for name, value in new_tenure(post, people["outsider"]).items()}
    assert client.post(page(Post, "change", post.pk), body).status_code == 302
    post.refresh_from_db()
    assert (post.title, post.role, post.tenures.count()) == ("新名称", Role.LIAISON, 0)
    assert client.get("/admin/guardian/userobjectpermission/").status_code == 403


def test_who_gives_power_makes_no_accounts_and_moves_no_posts(login, people):
    client = login("secadmin")
    post = Post.objects.get(organisation__name=cast.VACANT, role=Role.LIAISON)
    body = {"organisation": post.organisation_id, "title": "新名称", "role": Role.DEPARTMENT, "rank": 3}
    assert client.post(page(Post, "change", post.pk), body | inline("tenures")).status_code == 302
    post.refresh_from_db()
    assert (post.title, post.role) == ("联络员", Role.DEPARTMENT)
    assert client.post(page(Person, "add"), {"username": "new", "name": "新"}).status_code == 403
    assert client.post(page(Person, "change", people["liaison"].pk), {"name": "改"}).status_code == 403
    assert client.get("/admin/guardian/userobjectpermission/add/").status_code == 403


def test_the_auditor_reads_and_the_others_do_not_read_the_log(login):
    for username, status in (("auditor", 200), ("sysadmin", 403), ("secadmin", 403)):
        assert login(username).get("/admin/admin/logentry/").status_code == status


@pytest.mark.parametrize("username", cast.ADMINISTRATORS)
def test_no_administrator_may_look_at_business_rows_or_at_secrets_of_the_second_factor(people, username):
    """Whatever is registered in the admin one day: permissions reach reference data alone."""
    from django.apps import apps

    reference = {model._meta.label for model in REFERENCE}
    allowed = {"accountability.Occurrence", "guardian.UserObjectPermission", "admin.LogEntry"} | reference
    for model in apps.get_models():
        name = model._meta
        for verb in ("view", "add", "change", "delete"):
            if people[username].has_perm(f"{name.app_label}.{verb}_{name.model_name}"):
                plain = name.label.replace("Historical", "")
                assert plain in allowed, f"{username} may {verb} {name.label}"


def test_odd_questions_are_refused_and_do_not_break_a_page(login, people):
    office = cast.organisation("党委办公室")
    client = login("sysadmin")
    assert client.get(page(Organisation, "change", office.pk), {"_to_field": ""}).status_code == 200
    assert client.get(page(Organisation, "change", office.pk), {"_to_field": "name"}).status_code == 400
    for question in ({"id__range": "20261120"}, {"id__range": "0"}, {"name__regex": "("}, {"name__startswith": "党"}):
        assert client.get(page(Organisation, "changelist"), question).status_code == 400, question
    for question in ({"kind__exact": "school"}, {"id__in": "1,2"}, {"abolished_on__isempty": "1"}):
        assert client.get(page(Organisation, "changelist"), question).status_code == 200, question
    assert login("secadmin").get("/admin/guardian/userobjectpermission/?id__range=20261120&q=x").status_code == 400
    started = {"started_on__year": "2025", "started_on__month": "1"}
    assert client.get(page(Tenure, "changelist"), started).status_code == 200


@pytest.mark.parametrize("typed", ["5", '"member"', '{"member": 1}', "[5]", '[["member"]]', '["nobody"]', "[", "true"])
def test_lists_of_words_are_nothing_else(login, people, typed):
    kind = MeetingKind.objects.first()
    body = {"act": kind.act_id, "convener": "书记", "gathers": "全体", "notice_days": 3, "rank": 1}
    body |= inline("required_items", kind.required_items.count()) | {"gathers_roles": typed}
    refused = login("sysadmin").post(page(MeetingKind, "change", kind.pk), body)
    assert refused.status_code == 200
    assert "gathers_roles_error" in shown(refused)
    row = Obligation.objects.first()
    row.helper_names = [5]
    with pytest.raises(ValidationError, match="样式填写"):
        row.full_clean()


def test_a_list_of_words_may_be_empty(people):
    kind = MeetingKind.objects.first()
    kind.gathers_roles = None
    kind.full_clean()
    assert kind.gathers_roles == []


def test_forms_said_to_be_sent_are_made_up_to_a_bound(login, people):
    post = Post.objects.get(organisation__name=cast.VACANT, role=Role.LIAISON)
    body = {"organisation": post.organisation_id, "title": "", "role": post.role, "rank": 1}
    answer = login("secadmin").post(page(Post, "change", post.pk), body | inline("tenures", total=2000))
    assert answer.status_code == 200
    formset = answer.context["inline_admin_formsets"][0].formset
    assert len(formset.forms) == 200
