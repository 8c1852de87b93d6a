"""审计日志: what is done leaves an event with who, from where and under which number; what is refused and read, too."""

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accountability import acting, confidential
from accountability.auditing import requests as audited_requests
from accountability.auditing import seals, sources
from accountability.models import AuditEvent, Post, Tenure
from accountability.models.history import create_with_history, save_as, update_with_history
from accountability.services import audit
from tests import acts, cast
from tests.supervision import talks

pytestmark = pytest.mark.django_db


def events(**conditions) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(**conditions).order_by("pk"))


@pytest.fixture(autouse=True)
def since(people):
    """What the foundation left is not looked at."""
    newest = AuditEvent.objects.order_by("-pk").first()
    start = newest.pk if newest else 0
    original = globals()["events"]
    globals()["events"] = lambda **conditions: list(
        AuditEvent.objects.filter(pk__gt=start, **conditions).order_by("pk")
    )
    yield
    globals()["events"] = original


def test_a_login_a_logout_and_a_wrong_password(client, people):
    client.post("/login/", {"username": "liaison", "password": "wrong-password"}, REMOTE_ADDR="10.1.2.3")
    client.post("/login/", {"username": "nobody", "password": "wrong-password"}, REMOTE_ADDR="10.1.2.3")
    answer = client.post("/login/", {"username": "liaison", "password": cast.PASSWORD}, REMOTE_ADDR="10.1.2.3")
    client.post("/logout/")
    wrong, unknown, entered, left = events()
    assert [(each.kind, each.result) for each in (wrong, unknown, entered, left)] == [
        ("login", "failed"), ("login", "failed"), ("login", "done"), ("logout", "done"),
    ]  # fmt: skip
    assert (wrong.username, wrong.person, unknown.username) == ("liaison", None, "nobody")
    assert (entered.person, left.person) == (people["liaison"], people["liaison"])
    assert entered.address == "10.1.2.3"
    assert entered.request_id == answer["X-Request-ID"]
    assert "wrong-password" not in str([each.__dict__ for each in events()])


def test_a_page_that_is_only_read_writes_nothing(login):
    client = login("liaison")
    for path in ("/", "/ledger/", "/records/", "/notices/", "/clauses/", "/meetings/"):
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        assert not [each["sql"] for each in queries if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert not [each for each in events() if each.kind != "login"]


def test_every_write_of_a_request_leaves_an_event_in_its_transaction(login, people):
    record = acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    assert not events(), "outside a request nothing is told"
    answer = login("unit_secretary").post(f"/records/{record.pk}/decide/", {"transition": "accept", "reason": ""})
    assert answer.status_code == 302
    (write,) = events(kind="write")
    assert write.person == people["unit_secretary"] and write.detail["source"] == "record_decide"
    assert sources.label("record_decide") == "确认或退回履责记录"
    assert write.request_id == answer["X-Request-ID"]


def test_one_event_for_a_transaction_however_many_rows_it_writes(people):
    unit = cast.organisation(cast.OURS)
    with acting.acting(acting.Act("record_new", person=people["liaison"])), transaction.atomic():
        acts.record(people["liaison"], unit, "duty-report")
    assert len(events(kind="write")) == 1
    told = events(kind="write")[0]
    assert told.row_model.startswith("accountability.") and told.row_id


def test_what_is_rolled_back_takes_its_event_along_and_the_next_write_is_told_again(people):
    unit = cast.organisation(cast.OURS)
    unit.rank += 1
    with acting.acting(acting.Act("organisation", person=people["office"])):
        with pytest.raises(RuntimeError), transaction.atomic():
            save_as(unit, by=people["office"])
            assert len(events(kind="write")) == 1
            raise RuntimeError
        assert events(kind="write") == []
        with transaction.atomic():
            save_as(unit, by=people["office"])
    assert len(events(kind="write")) == 1


def test_rows_written_in_bulk_are_told_of(people):
    unit = cast.organisation(cast.OURS)
    posts = [Post(organisation=unit, title=f"岗位{number}", role="department") for number in range(3)]
    with acting.acting(acting.Act("roster_import_confirm", person=people["office"])):
        with transaction.atomic():
            create_with_history(posts, by=people["office"], reason="花名册")
        told = events(kind="write")
        assert [(each.row_model, each.row_id) for each in told] == [("accountability.post", str(posts[0].pk))]
    for post in posts:
        post.rank = 7
    with acting.acting(acting.Act("roster_import_confirm", person=people["office"])):
        update_with_history(posts, ["rank"], by=people["office"], reason="排序")
    assert len(events(kind="write")) == 2


def test_each_change_of_post_tenure_and_grants_is_told_by_itself(login, people):
    tenure = Tenure.objects.get(person=people["liaison"])
    answer = login("office").post(f"/tenures/{tenure.pk}/end/", {"last_on": "2026-11-22", "reason": "调离原岗位"})
    assert answer.status_code == 302
    told = {each.kind: each for each in events()}
    assert told["role_changed"].row_id == str(tenure.pk) and told["role_changed"].detail["change"] == "修改"
    assert told["role_changed"].person == people["office"]
    assert told["grants_synced"].detail["removed"] > 0


def test_a_new_password_is_told_without_the_password(login, people):
    client = login("liaison")
    new = "another-Pass-2026"
    answer = client.post("/password/", {"old_password": cast.PASSWORD, "new_password1": new, "new_password2": new})
    assert answer.status_code == 302
    told = events(kind="password_changed")
    assert len(told) == 1 and told[0].row_id == str(people["liaison"].pk)
    assert new not in str([each.__dict__ for each in events()])


def test_what_an_administrator_changes_in_the_admin_is_told(login, people):
    post = Post.objects.filter(role="liaison").first()
    client = login("sysadmin")
    page = client.get(f"/admin/accountability/post/{post.pk}/change/")
    assert page.status_code == 200
    form = page.context["adminform"].form
    data = {name: form.initial.get(name) or "" for name in form.fields} | {"rank": 9}
    for formset in page.context["inline_admin_formsets"]:
        data |= {f"{formset.formset.prefix}-TOTAL_FORMS": 0, f"{formset.formset.prefix}-INITIAL_FORMS": 0}
    client.post(f"/admin/accountability/post/{post.pk}/change/", data)
    told = events(kind="role_changed")[-1]
    assert (told.person, told.row_id) == (people["sysadmin"], str(post.pk))
    assert sources.label(told.detail["source"]) == "管理后台：修改岗位"


# ── refused ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_refused_is_told(login, people):
    record = acts.record(people["other_liaison"], cast.organisation(cast.THEIRS), "duty-report")
    client = login("liaison")
    client.get("/audit/")
    client.post(f"/records/{record.pk}/decide/", {})
    client.get(f"/records/{record.pk}/")
    client.post("/nowhere/")
    seen = [(each.detail["source"], each.detail["status"], each.row_id) for each in events(result="refused")]
    assert seen == [("audit", 403, ""), ("record_decide", 404, str(record.pk)), ("", 404, "")]
    assert {each.person for each in events(result="refused")} == {people["liaison"]}


# ── read ─────────────────────────────────────────────────────────────────────────────────────


def test_an_export_and_an_attachment_are_told_with_their_object(login, people):
    from django.core.files.uploadedfile import SimpleUploadedFile

    files = [SimpleUploadedFile("甲.pdf", acts.PDF)]
    record = acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report", files=files)
    attachment = record.attachments.get()
    client = login("liaison")
    assert client.get("/ledger/export/").status_code == 200
    answer = client.get(f"/attachments/{attachment.pk}/content/")
    assert answer.status_code == 200
    export, content = events(kind="export")
    assert (export.detail["source"], export.detail["form"]) == ("ledger_export", "Excel")
    assert (content.row_model, content.row_id) == ("accountability.attachment", str(attachment.pk))
    assert "甲" not in str(content.__dict__)


def test_reading_a_confidential_page_is_told_and_an_ordinary_one_is_not(login, people, monkeypatch):
    talk = talks.in_full(people)
    assert login("secretary").get(f"/oversight/talks/{talk.pk}/").status_code == 200
    (told,) = events(kind="view")
    assert (told.row_model, told.row_id, told.person) == ("supervision.talk", str(talk.pk), people["secretary"])
    record = acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")
    client = login("liaison")
    assert client.get(f"/records/{record.pk}/").status_code == 200
    assert len(events(kind="view")) == 1
    record.is_confidential = True
    save_as(record, by=people["liaison"])
    monkeypatch.setitem(confidential._knowers, "record", [lambda user: [record.pk]])
    assert login("liaison").get(f"/records/{record.pk}/").status_code == 200
    assert [(each.row_model, each.row_id) for each in events(kind="view")[1:]] == [
        ("accountability.record", str(record.pk))
    ]


def test_an_export_that_cannot_be_told_of_is_refused(login, monkeypatch):
    from accountability.auditing import reading

    client = login("liaison")

    def full(*_, **__):
        raise DatabaseError("disk full")

    monkeypatch.setattr(reading.audit, "record", full)
    answer = client.get("/ledger/export/")
    assert answer.status_code == 503
    assert "审计日志暂时无法写入" in answer.content.decode()
    assert client.get("/ledger/").status_code == 200, "an ordinary page asks nothing of the log"


# ── who and from where ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.9"),
        (1, "6.6.6.6, 7.7.7.7", "7.7.7.7"),
        (2, "6.6.6.6, 7.7.7.7, 10.0.0.8", "7.7.7.7"),
        (2, "7.7.7.7", "10.0.0.9"),
        (1, "<script>", "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_a_header_is_believed_as_far_as_our_proxies_wrote_it(rf, settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=forwarded)
    assert audited_requests.client_address(request) == expected


@pytest.mark.parametrize(
    "told", ["short", "x" * 33, "a b c d e f g h", "新请求编号一二三四", "abc\r\nSet-Cookie: a=b", ""]
)
def test_a_number_that_is_not_well_formed_is_replaced(client, told):
    answer = client.get("/login/", HTTP_X_REQUEST_ID=told)
    assert answer["X-Request-ID"] != told and len(answer["X-Request-ID"]) == 16


def test_a_well_formed_number_is_taken_over(client):
    assert client.get("/login/", HTTP_X_REQUEST_ID="f3a9-0b1c2d3e4f5a")["X-Request-ID"] == "f3a9-0b1c2d3e4f5a"


def test_a_task_and_a_command_act_as_the_system(people):
    from celery.signals import task_postrun, task_prerun

    from accountability.auditing.outside import commanded
    from accountability.tasks import sync_grants

    unit = cast.organisation(cast.OURS)
    unit.rank += 1
    task_prerun.send(sender=sync_grants, task_id="0f8e7d6c-5b4a-3f2e-1d0c-9b8a7f6e5d4c", task=sync_grants)
    save_as(unit, by=get_user_model().objects.system())
    task_postrun.send(sender=sync_grants, task_id="0f8e7d6c-5b4a-3f2e-1d0c-9b8a7f6e5d4c", task=sync_grants)
    assert acting.current() is None
    unit.rank += 1
    with commanded(["manage.py", "sync_grants"]):
        save_as(unit, by=get_user_model().objects.system())
    task, command = events(kind="write")
    assert (task.username, command.username) == ("system", "system")
    assert task.request_id == "0f8e7d6c5b4a3f2e1d0c9b8a7f6e5d4c"
    assert sources.label(task.detail["source"]) == "后台任务：同步授权"
    assert sources.label(command.detail["source"]) == "命令：同步授权"


# ── words ────────────────────────────────────────────────────────────────────────────────────


def test_every_address_has_a_sentence_and_every_number_in_one_its_model():
    from tests.test_house import ROUTES

    assert [name for name, _ in ROUTES if name not in sources.labels] == []
    assert [name for name, path in ROUTES if "{pk}" in path and name and sources.model_of(name) is None] == []
    assert sources.viewed | sources.handed_out <= {name for name, _ in ROUTES}


def test_every_task_and_command_of_ours_has_a_sentence():
    from django.core.management import get_commands

    from config.celery import app as celery

    apps = ("accountability", "meetings", "inspections", "supervision")
    silent = {"makemigrations"}
    celery.loader.import_default_modules()
    ours = {f"task:{name}" for name in celery.tasks if name.startswith(apps)}
    ours |= {f"command:{name}" for name, app in get_commands().items() if app in apps and name not in silent}
    assert len(ours) > 25
    assert ours - set(sources.labels) == set()


def test_every_kind_has_a_name_and_an_unknown_one_is_refused():
    assert all(label and not label.isascii() for label in audit.labels.values())
    with pytest.raises(RuntimeError):
        audit.record("no-such-kind")


def test_an_event_bears_a_stamp_that_no_other_content_fits(people):
    event = audit.record("login", by=people["liaison"])
    event.refresh_from_db()
    assert seals.is_stamped(seals.values_of(event))
    event.username = "office"
    assert not seals.is_stamped(seals.values_of(event))
