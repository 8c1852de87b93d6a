"""变更历史: the database copies each row as simple_history would have written it, with the same signals, in fewer steps."""

import re
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.serializers import deserialize, serialize
from django.db import connection, transaction
from django.db.models import F
from django.db.models.signals import post_save
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from simple_history.signals import post_create_historical_record, pre_create_historical_record

from accountability.models import Organisation, Post, Tenure
from accountability.models.copies import PREPARED_AT
from accountability.models.history import KeptRecords, create_with_history, save_as, update_with_history
from tests import acts, cast

TRACKED = [model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")]
AT = datetime(2025, 5, 4, 9, 30, 15, 123456, tzinfo=timezone.get_fixed_timezone(480))
ONLY_ON_POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite prepares by itself")


@pytest.fixture
def unit(people) -> Organisation:
    return cast.organisation(cast.OURS)


@contextmanager
def as_simple_history(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(KeptRecords, "_is_built", lambda self, history_type: True)
        yield


@contextmanager
def heard(signal):
    found = []

    def listen(**told):
        found.append(told)

    signal.connect(listen)
    try:
        yield found
    finally:
        signal.disconnect(listen)


def values(row) -> dict:
    return {field.attname: getattr(row, field.attname) for field in row._meta.fields if field.name != "history_id"}


def newest(row):
    return type(row).history.filter(**{type(row)._meta.pk.attname: row.pk}).latest("history_id")


# ── what simple_history would have written ───────────────────────────────────────────────────


def test_a_row_of_any_model_is_kept_as_simple_history_keeps_it(people, unit, monkeypatch):
    acts.record(people["liaison"], unit, "duty-report")
    compared = []
    for model in TRACKED:
        row = model._default_manager.first()
        if row is None:
            continue
        row._history_user, row._change_reason, row._history_date = people["office"], "核对", AT
        row.save()
        ours = values(newest(row))
        with as_simple_history(monkeypatch):
            row.save()
        assert ours == values(newest(row)), model
        assert ours["history_date"] == AT and ours["history_user_id"] == people["office"].pk
        compared.append(model)
    assert len(compared) >= 15, compared


def test_a_new_row_a_change_and_a_removal_are_told_apart(people, unit):
    post = Post(organisation=unit, title="新岗位", role="department")
    save_as(post, by=people["office"], reason="设岗")
    post.rank = 9
    save_as(post, by=people["liaison"])
    pk = post.pk
    post._history_user, post._change_reason = people["office"], "撤岗"
    post.delete()
    kept = Post.history.filter(id=pk).order_by("history_id")
    assert list(
        kept.values_list("history_type", "history_user__username", "history_change_reason", "rank", "title")
    ) == [
        ("+", "office", "设岗", 0, "新岗位"),
        ("~", "liaison", None, 9, "新岗位"),
        ("-", "office", "撤岗", 9, "新岗位"),
    ]


def test_what_the_database_holds_is_kept_not_what_the_object_says(people, unit):
    was, unit.name = unit.name, "没有保存的名称"
    unit.rank += 1
    unit._history_user = people["office"]
    unit.save(update_fields=["rank"])
    assert (newest(unit).rank, newest(unit).name) == (unit.rank, was)


def test_a_save_without_history_leaves_none(unit):
    before = Organisation.history.count()
    unit.save_without_historical_record()
    assert Organisation.history.count() == before


def test_the_signed_in_person_is_named(login, people):
    tenure = Tenure.objects.get(person=people["liaison"])
    answer = login("office").post(f"/tenures/{tenure.pk}/end/", {"last_on": "2026-11-22", "reason": "调离原岗位"})
    assert answer.status_code == 302
    assert newest(tenure).history_user == people["office"]


def test_nobody_is_named_where_nobody_acts(unit):
    unit.save()
    assert newest(unit).history_user is None and newest(unit).history_change_reason is None


def test_a_row_that_is_gone_meanwhile_is_kept_all_the_same(people, unit):
    """Nothing to copy: it is built from the object, for no change may be without history."""
    post = Post(organisation=unit, title="新岗位", role="department")
    save_as(post, by=people["office"])
    Post.objects.filter(pk=post.pk)._raw_delete("default")
    post.title = "已被删去的岗位"
    records_of(Post).create_historical_record(post, "~", using="default")
    assert newest(post).title == "已被删去的岗位"


def records_of(model) -> KeptRecords:
    bound = [receiver.__self__ for receiver in post_save._live_receivers(model)[0] if hasattr(receiver, "__self__")]
    (records,) = [each for each in bound if isinstance(each, KeptRecords)]
    return records


# ── signals ──────────────────────────────────────────────────────────────────────────────────


def test_who_hears_of_it_hears_what_simple_history_tells(people, unit, monkeypatch):
    unit._history_user, unit._change_reason, unit._history_date = people["office"], "核对", AT
    with heard(post_create_historical_record) as told:
        unit.save()
        with as_simple_history(monkeypatch):
            unit.save()
    ours, theirs = told
    assert {name: value for name, value in ours.items() if name not in ("history_instance", "using")} == {
        name: value for name, value in theirs.items() if name not in ("history_instance", "using")
    }
    assert isinstance(ours["history_instance"], Organisation.history.model)
    assert values(ours["history_instance"]) == values(theirs["history_instance"])


def test_a_listener_that_looks_later_finds_the_row_it_heard_of(people, unit):
    with heard(post_create_historical_record) as told:
        for reason, at in (("先", AT), ("后", AT + timedelta(seconds=1))):
            unit._history_user, unit._change_reason, unit._history_date = people["office"], reason, at
            unit.save()
    assert [each["history_instance"].history_change_reason for each in told] == ["先", "后"]


def test_the_row_of_history_is_read_only_by_who_looks_into_it(people, unit):
    with heard(post_create_historical_record) as told:
        save_as(unit, by=people["office"])
    with CaptureQueriesContext(connection) as queries:
        assert told[0]["history_instance"].history_type == "~"
    assert len(queries) == 0
    assert told[0]["history_instance"].history_user == people["office"]


def test_who_hears_of_it_before_may_change_what_is_kept(people, unit):
    def mark(history_instance, **_):
        history_instance.history_change_reason = "听者所改"

    pre_create_historical_record.connect(mark)
    try:
        save_as(unit, by=people["office"], reason="核对")
    finally:
        pre_create_historical_record.disconnect(mark)
    assert newest(unit).history_change_reason == "听者所改"


# ── in fewer steps ───────────────────────────────────────────────────────────────────────────


def test_a_save_is_two_statements_however_often_and_one_on_postgresql(people, unit):
    wanted = 1 if connection.vendor == "postgresql" else 2
    post = Post.objects.filter(organisation=unit).first()
    for number in range(PREPARED_AT + 2):
        with CaptureQueriesContext(connection) as queries:
            save_as(post, by=people["office"])
        assert len(queries) == wanted, queries.captured_queries
        with CaptureQueriesContext(connection) as queries:
            save_as(Post(organisation=unit, title=f"岗位{number}", role="department"), by=people["office"])
        assert len(queries) == wanted, queries.captured_queries


def test_a_new_row_knows_its_number_and_its_history_the_same(people, unit):
    for number in range(PREPARED_AT + 2):
        post = Post(organisation=unit, title=f"岗位{number}", role="department")
        save_as(post, by=people["office"])
        assert Post.objects.get(title=f"岗位{number}") == post
        assert Post.history.get(id=post.pk).title == post.title


def test_a_row_with_a_number_of_its_own_is_new_or_changed_as_it_is(people, unit):
    free = Post.objects.order_by("pk").last().pk + 1000
    for title in ("先", "后"):
        save_as(Post(pk=free, organisation=unit, title=title, role="department"), by=people["office"])
    assert list(Post.history.filter(id=free).order_by("history_id").values_list("history_type", "title")) == [
        ("+", "先"),
        ("~", "后"),
    ]


def test_a_change_computed_by_the_database_is_kept_as_computed(people, unit):
    post = Post.objects.filter(organisation=unit).first()
    was = post.rank
    post.rank = F("rank") + 5
    save_as(post, by=people["office"])
    assert newest(post).rank == was + 5


def test_what_is_loaded_raw_leaves_no_history(unit):
    before = Organisation.history.count()
    for loaded in deserialize("json", serialize("json", [unit])):
        loaded.save()
    assert Organisation.history.count() == before


def test_what_failed_is_not_taken_for_kept(people, unit):
    post = Post.objects.filter(organisation=unit).first()

    def fail(**_):
        raise RuntimeError

    for number in range(2):
        post_save.connect(fail, sender=Post)
        try:
            with pytest.raises(RuntimeError), transaction.atomic():
                save_as(post, by=people["office"])
        finally:
            post_save.disconnect(fail, sender=Post)
        before = Post.history.count()
        save_as(post, by=people["office"], reason=f"再次 {number}")
        assert (Post.history.count(), newest(post).history_change_reason) == (before + 1, f"再次 {number}")


def test_seen_or_unseen_by_a_listener_the_same_is_kept(people, unit):
    """On SQLite Django's cursor is left out where nobody listens to it."""
    seen = []

    def listen(execute, *asked):
        seen.append(asked[0])
        return execute(*asked)

    unit._history_user, unit._history_date = people["office"], AT
    unit.save()
    unseen = values(newest(unit))
    with connection.execute_wrapper(listen):
        unit.save()
    assert values(newest(unit)) == unseen
    assert "accountability_organisation" in "".join(seen)


def test_nothing_is_kept_in_a_transaction_that_is_lost(people, unit):
    before = Organisation.history.count()
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            records_of(Organisation).create_historical_record(unit, "~", using="default")
    assert Organisation.history.count() == before


@ONLY_ON_POSTGRESQL
def test_a_statement_is_prepared_once_and_outlives_a_rollback(people, unit):
    connection.history_statements = (None, {})
    for number in range(PREPARED_AT + 3):
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            save_as(unit, by=people["office"])
            transaction.set_rollback(True)
        text = queries.captured_queries[-1]["sql"]
        assert ("PREPARE" in text, "EXECUTE" in text) == (number == PREPARED_AT - 1, number >= PREPARED_AT - 1)


@ONLY_ON_POSTGRESQL
def test_no_statement_is_prepared_where_sessions_are_lent(people, unit, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    connection.history_statements = (None, {})
    with CaptureQueriesContext(connection) as queries:
        for _ in range(PREPARED_AT + 3):
            save_as(unit, by=people["office"])
    assert not [query for query in queries.captured_queries if "EXECUTE" in query["sql"]]


@ONLY_ON_POSTGRESQL
def test_a_new_session_has_nothing_prepared(people, unit):
    for _ in range(PREPARED_AT):
        save_as(unit, by=people["office"])
    _, uses = connection.history_statements
    assert "history_" in str(uses.values())
    connection.history_statements = (object(), dict.fromkeys(uses, "history_of_before"))
    save_as(unit, by=people["office"], reason="新的会话")
    assert newest(unit).history_change_reason == "新的会话"


# ── many at once ─────────────────────────────────────────────────────────────────────────────


def test_many_rows_are_kept_as_one_by_one(people, unit):
    posts = [Post(organisation=unit, title=f"岗位{number}", role="department") for number in range(1000)]
    create_with_history(posts, by=people["office"], reason="批量设岗")
    for post in posts:
        post.rank, post.title = 7, "没有保存的名称"
    with CaptureQueriesContext(connection) as queries:
        update_with_history(posts, ["rank"], by=people["liaison"], reason="批量排序")
    assert len([query for query in queries.captured_queries if "historicalpost" in query["sql"]]) == 2
    kept = Post.history.filter(id__in=[post.pk for post in posts]).order_by("history_id")
    assert kept.count() == 2000
    assert set(kept.filter(history_type="+").values_list("rank", "history_user", "history_change_reason")) == {
        (0, people["office"].pk, "批量设岗")
    }
    changed = kept.filter(history_type="~")
    assert set(changed.values_list("rank", "history_user", "history_change_reason")) == {
        (7, people["liaison"].pk, "批量排序")
    }
    assert sorted(changed.values_list("title", flat=True)) == sorted(f"岗位{number}" for number in range(1000))


def test_who_writes_many_rows_is_named_whoever_saved_them_before(people, unit):
    save_as(unit, by=people["liaison"], reason="先前的原因")
    unit.rank += 1
    update_with_history([unit], ["rank"], by=people["office"], reason="后来的原因")
    assert (newest(unit).history_user, newest(unit).history_change_reason) == (people["office"], "后来的原因")


def test_rows_that_say_themselves_who_wrote_them(people, unit):
    posts = [Post(organisation=unit, title=f"岗位{number}", role="department") for number in range(3)]
    for post, by in zip(posts, ("office", "office", "liaison"), strict=True):
        post._history_user, post._change_reason, post._history_date = people[by], f"{by} 所设", AT
    create_with_history(posts, by=None)
    kept = Post.history.filter(id__in=[post.pk for post in posts]).order_by("id")
    assert list(kept.values_list("history_user__username", "history_change_reason", "history_date")) == [
        ("office", "office 所设", AT),
        ("office", "office 所设", AT),
        ("liaison", "liaison 所设", AT),
    ]


def test_rows_that_do_not_say_who_wrote_them_are_refused(unit):
    with pytest.raises(AttributeError):
        create_with_history([Post(organisation=unit, title="无名", role="department")], by=None)
    assert not Post.objects.filter(title="无名").exists()


# ── one way ──────────────────────────────────────────────────────────────────────────────────


def test_a_history_is_indexed_by_what_it_is_asked_for_and_nothing_else():
    for model in TRACKED:
        history, records = model.history.model, records_of(model)
        indexed = {field.name for field in history._meta.fields if field.db_index and not field.primary_key}
        assert indexed == {model._meta.pk.name, "history_date", "history_user", *records.sought_by}, model


def test_what_a_page_asks_a_history_for_is_indexed():
    asked = re.compile(r"\b([A-Z]\w+)\.history\.filter\((\w+)=")
    by_name = {model.__name__: model for model in TRACKED}
    found = 0
    for path in sources():
        for name, column in asked.findall(path.read_text()):
            column = column.removesuffix("__in").removesuffix("_id")
            if name in by_name and not column.startswith("history_"):
                found += 1
                field = by_name[name].history.model._meta.get_field(column)
                assert field.db_index, f"{path}: {name}.history by {column}"
    assert found > 20


def test_history_is_kept_in_no_other_way():
    wrong = re.compile(r"HistoricalRecords\(|bulk_(create|update)_with_history|bulk_history_create")
    for path in sources():
        if path.name != "history.py":
            assert not wrong.search(path.read_text()), path


def sources() -> list[Path]:
    roots = [settings.BASE_DIR / app for app in ("accountability", "meetings", "inspections", "supervision")]
    return [path for root in roots for path in root.rglob("*.py") if "migrations" not in path.parts]
