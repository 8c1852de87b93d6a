"""演示大学: what the demo promises to whoever opens it on 2026-11-23, and that its past is true."""

import io
import random
import re
import stat
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pypdf
import pytest
import time_machine
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from accountability.auditing import triggers
from accountability.models import (
    Attachment,
    Document,
    Duty,
    Evidence,
    Notice,
    Organisation,
    Person,
    Portfolio,
    Post,
    Record,
    Regulation,
    Role,
    Tenure,
    WorkYear,
)
from accountability.services import lists
from accountability.services.attachments import examine
from accountability.services.opening import plan_year
from accountability.services.records import refusal_to_count, settle
from inspections.check_figures import CheckFigures
from inspections.models import CheckCampaign, Finding, ProgressNotice, Recheck, RiskChange, RiskPoint
from inspections.risk_map import RiskMap
from meetings.models import Meeting
from supervision.board.indicators import FIGURES, figures_of
from supervision.burden.asked_twice import asked_twice
from supervision.demo import diary, files, names, university
from supervision.demo.accounts import ACCOUNTS
from supervision.demo.clock import moment, standing_at
from supervision.models import (
    AccountabilityMeasure,
    Admission,
    ClueItem,
    FollowUp,
    FormEntry,
    FoundProblem,
    Hint,
    LetterMatter,
    Talk,
)
from tests.conftest import MORNING

TODAY = date(2026, 11, 23)
OURS = "会计学院"


def load(**options) -> str:
    out = io.StringIO()
    call_command("load_demo", stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo in place of the tests' own university, for this module only: the transaction is rolled back."""
    media = tmp_path_factory.mktemp("media")
    (media / "attachments").mkdir()
    (media / "attachments" / "stale").write_text("of the university before")
    with (
        django_db_blocker.unblock(),
        override_settings(DEBUG=True, MEDIA_ROOT=media, DATA_DIR=tmp_path_factory.mktemp("data")),
        time_machine.travel(MORNING, tick=True),
        transaction.atomic(),
    ):
        ContentType.objects.clear_cache()
        load(reset=True, yes=True)
        yield media
        transaction.set_rollback(True)
    ContentType.objects.clear_cache()


@pytest.fixture
def lived(demo, db, settings, tmp_path, monkeypatch):
    settings.DEBUG, settings.DATA_DIR = True, tmp_path
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    monkeypatch.delenv("YES", raising=False)
    return demo


def owed(year: int, code: str, place: str = ""):
    duties = Duty.objects.of_year(year).filter(obligation__code=code)
    return duties.filter(organisation__name=place) if place else duties


def account(username: str) -> Person:
    return Person.objects.get(username=username)


# ── the command ───────────────────────────────────────────────────────────────────────────────


def test_not_without_debug(lived, settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="演示数据只能在 DEBUG 模式下装入"):
        load(once=True)


def test_loading_once_more_adds_nothing(lived):
    def rows() -> dict[str, int]:
        return {model._meta.label: model._base_manager.count() for model in apps.get_models()}

    before = rows()
    load(once=True)
    load(once=True)
    assert rows() == before


def test_a_second_load_needs_a_word(lived):
    with pytest.raises(CommandError, match="--once"):
        load()


def test_reset_asks(lived, monkeypatch):
    asked = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "no")
    with pytest.raises(CommandError, match="已取消"):
        load(reset=True)
    assert asked == ["是否清空并重新装入演示数据？(yes/no) "]
    assert Organisation.objects.exists()


def test_reset_leaves_no_file_behind(lived):
    assert not (lived / "attachments" / "stale").exists()


def test_a_clock_before_the_story_is_refused(lived, clock, monkeypatch):
    monkeypatch.setattr("supervision.management.commands.load_demo.is_founded", lambda: False)
    clock.move_to(moment(date(2025, 6, 1)))
    with pytest.raises(CommandError, match="太早"):
        load(once=True)


# ── the accounts ──────────────────────────────────────────────────────────────────────────────


def test_demo_password_opens_every_account(lived, client, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "海阔天空-2026")
    out = load(once=True)
    for one in ACCOUNTS:
        assert client.login(username=one.username, password="海阔天空-2026"), one.username
    assert out.count("海阔天空-2026") == len(ACCOUNTS)
    assert not (Path(lived) / "demo-password").exists()


def test_without_one_a_random_password_is_kept_and_printed_again(lived, settings, client):
    first, second = load(once=True), load(once=True)
    kept = settings.DATA_DIR / "demo-password"
    password = kept.read_text()
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", password)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert first == second
    assert first.count(password) == len(ACCOUNTS)
    assert client.login(username="office", password=password)


def test_a_start_with_the_same_password_keeps_people_signed_in(lived, client):
    load(once=True)
    client.force_login(account("office"), backend="django.contrib.auth.backends.ModelBackend")
    load(once=True)
    assert client.get("/notices/").status_code == 200


def test_the_table_is_aligned_and_tells_who_is_who(lived):
    lines = load(once=True).splitlines()
    head = next(number for number, line in enumerate(lines) if "用户名" in line)
    rows = lines[head + 1 :]
    assert [row.split()[:3] for row in rows] == [[one.username, one.name, one.identity] for one in ACCOUNTS]
    columns = {len(row[: row.rindex(" ")].encode("gb18030")) for row in [lines[head], *rows]}
    assert len(columns) == 1, "a Chinese character is two columns wide"


def test_each_account_holds_its_post_and_nothing_else(lived):
    for one in ACCOUNTS:
        posts = list(Post.objects.held_by(account(one.username), TODAY))
        assert [(post.role, post.title) for post in posts] == [(one.role, one.title)]


def test_the_member_answers_for_departments_and_a_college(lived):
    portfolio = Portfolio.objects.in_force(TODAY).filter(post__in=Post.objects.held_by(account("member"), TODAY))
    assert {row.organisation.name for row in portfolio} == {"财务处", OURS}


def test_others_cannot_sign_in_and_get_no_mail(lived):
    others = Person.objects.filter(is_active=True).exclude(username__in=[one.username for one in ACCOUNTS])
    assert not [person for person in others if person.has_usable_password() or person.email]


# ── the university ────────────────────────────────────────────────────────────────────────────


def test_the_university_is_whole(lived):
    assert Organisation.objects.units().count() == 38
    leaders = Tenure.objects.in_office(TODAY).filter(post__role__in=(Role.SECRETARY, Role.MEMBER))
    assert leaders.count() == leaders.values("person").distinct().count() == 22
    assert Regulation.objects.in_force(TODAY).get().clauses.exists()
    assert Regulation.objects.filter(repealed_on__isnull=False).count() == 1


def test_some_posts_are_vacant_on_purpose(lived):
    vacant = Post.objects.exclude(pk__in=Tenure.objects.in_office(TODAY).values("post"))
    assert Counter(vacant.values_list("role", flat=True)) == {Role.UNIT_SECRETARY: 1, Role.BRANCH_SECRETARY: 2}
    gaps = {gap.reason for gap in plan_year(2026, TODAY).gaps}
    assert gaps >= {"岗位暂无人任职", "没有分管部门和联系单位"}


def test_names_differ_and_some_are_rare(lived):
    people = Person.objects.values_list("name", flat=True)
    assert len(set(people)) == len(people)
    assert any(set(name) & set(names.RARE) for name in people)


# ── the two years ─────────────────────────────────────────────────────────────────────────────


def test_2025_is_closed_and_nearly_all_was_done(lived):
    assert WorkYear.objects.get(year=2025).closed_on == diary.CLOSED_ON[2025]
    duties = Duty.objects.of_year(2025)
    undone = duties.open().count() / duties.count()
    late = [duty for duty in duties if duty.was_late]
    assert 0.01 <= undone <= 0.02
    assert 0.03 <= len(late) / duties.count() <= 0.06
    assert Record.objects.filter(work_year=2025).entered_late().exists()


def test_2026_is_in_full_swing(lived):
    assert not WorkYear.objects.get(year=2026).is_closed
    duties = Duty.objects.of_year(2026)
    due = duties.filter(due_on__lt=TODAY).owed()
    late = due.late(TODAY)
    assert 0.02 <= late.count() / due.count() <= 0.03
    assert len(set(late.values_list("obligation", flat=True))) >= 5
    assert set(late.values_list("subject", flat=True)) >= {"discipline", "member", "unit"}
    assert 40 <= duties.exclude(obligation=None).soon(TODAY).count() <= 100
    assert 20 <= duties.filter(obligation=None).soon(TODAY).count() <= 80, "measures, months, answers, resolutions"
    assert duties.idle(TODAY).exists()
    assert duties.fulfilled().count() > duties.count() * 0.75


def test_two_of_three_warning_meetings_and_one_of_two_special_meetings_were_held(lived):
    warning = owed(2026, "warning-meetings").order_by("occurrence")
    assert [duty.fulfilled_on for duty in warning] == [date(2026, 2, 27), date(2026, 6, 17), None]
    assert warning[2].due_on == date(2026, 12, 15)
    assert [duty.is_fulfilled for duty in owed(2026, "standing-committee-meetings").order_by("occurrence")] == [
        True,
        False,
    ]
    assert Meeting.objects.filter(record__work_year=2026, record__act__code="committee-meeting").count() > 3


def test_the_opening_meeting_counts_for_both(lived):
    for year in diary.YEARS:
        record = owed(year, "opening-meeting").get().evidence.get().record
        assert {proof.duty.obligation.code for proof in record.evidence.all()} == {
            "opening-meeting",
            "warning-meetings",
        }


def test_our_college_has_something_for_each_home(lived):
    ours = Duty.objects.of_year(2026).filter(organisation__name=OURS)
    late = ours.late(TODAY).get()
    assert late.was_moved
    assert late.due_on > late.scheduled_on
    assert 3 <= ours.exclude(obligation=None).soon(TODAY).count() <= 6
    rectifying = {duty.title.partition("（")[0] for duty in ours.filter(obligation=None).soon(TODAY)}
    assert rectifying >= {"2026年校内巡察整改进展月报"}
    secretary, liaison = account("unit_secretary"), account("liaison")
    assert Record.objects.waiting_for(secretary).get().entered_by == liaison
    returned = Record.objects.get(organisation__name=OURS, state=Record.State.RETURNED)
    assert (returned.entered_by, returned.decided_by) == (liaison, secretary)
    assert returned.decision_reason


@pytest.mark.parametrize(
    "username", ["office", "discipline", "secretary", "member", "unit_secretary", "liaison", "branch", "department"]
)
def test_every_home_has_something_due(lived, username):
    assert Duty.objects.of_year(2026).owed_by(account(username)).soon(TODAY).exists()


def test_one_day_was_moved_and_one_duty_waived_with_a_reason(lived):
    moved = [duty for duty in Duty.objects.exclude(obligation=None) if duty.was_moved]
    extended = [duty for duty in Duty.objects.exclude(measure=None) if duty.was_moved]
    assert [duty.history.first().history_change_reason.partition("：")[0] for duty in extended] == ["延期"]
    assert [duty.history.first().history_change_reason.partition("：")[0] for duty in moved] == ["调整到期日"]
    waived = Duty.objects.exclude(obligation=None).get(state=Duty.State.WAIVED)
    assert waived.history.first().history_change_reason.startswith("不再要求：")


def test_the_bell_has_content(lived):
    assert Notice.objects.filter(recipient=account("office"), kind=Notice.Kind.REMINDER).exists()
    assert Notice.objects.filter(recipient=account("unit_secretary"), kind=Notice.Kind.TO_CONFIRM).exists()
    assert Notice.objects.filter(recipient=account("liaison"), kind=Notice.Kind.RETURNED).exists()


def test_nobody_of_another_college_is_in_sight_of_the_liaison(lived):
    liaison = account("liaison")
    seen = Duty.objects.visible_to(liaison).select_related("organisation")
    tree = Organisation.objects.below(Organisation.objects.get(name=OURS))
    assert seen.exists()
    others = seen.exclude(organisation__in=tree)
    assert all(duty.helpers.filter(pk__in=tree).exists() for duty in others), "what his college helps with, and no more"
    records = Record.objects.visible_to(liaison).exclude(organisation__in=tree)
    assert not records.exclude(evidence__duty__in=others).exists()


# ── the truth of it ───────────────────────────────────────────────────────────────────────────


def test_settling_again_changes_nothing(lived):
    before = Duty.history.count()
    office = account("office")
    for duty in Duty.objects.all():
        settle(duty, by=office)
    assert Duty.history.count() == before


def test_fulfilled_is_what_has_counted_evidence(lived):
    counted = set(Evidence.objects.counted().values_list("duty", flat=True))
    assert counted == set(Duty.objects.fulfilled().values_list("pk", flat=True))


def test_every_proof_would_be_accepted_by_the_service(lived):
    proofs = Evidence.objects.select_related("record__act", "duty__obligation")
    assert [refusal for proof in proofs if (refusal := refusal_to_count(proof.record, proof.duty))] == []


@pytest.mark.parametrize("model", [Duty, Record, Evidence, Meeting, Attachment, WorkYear, Tenure, Post, Organisation])
def test_every_row_has_history_with_actor_and_reason(lived, model):
    gone = model.history.filter(history_type="-").values(model._meta.pk.attname)  # an answer sent back proves nothing
    keys = set(model.history.values_list(model._meta.pk.attname, flat=True))
    keys -= set(gone.values_list(model._meta.pk.attname, flat=True))
    assert keys == set(model.objects.values_list("pk", flat=True))
    assert not model.history.filter(history_user=None).exists()
    assert not model.history.filter(history_change_reason=None).exists()


def test_the_past_carries_its_own_days(lived):
    last_of_2025 = Duty.history.filter(work_year=2025).latest("history_date").history_date
    assert timezone.localdate(last_of_2025) <= diary.CLOSED_ON[2025]
    assert {
        timezone.localdate(day)
        for day in Duty.history.filter(history_type="+", obligation__isnull=False).values_list(
            "history_date", flat=True
        )
    } == set(diary.OPENED_ON.values())
    assert not Record.objects.filter(entered_at__gt=timezone.now()).exists()
    assert all(timezone.localdate(record.entered_at) == record.entered_on for record in Record.objects.all())


def test_who_enters_and_decides_was_in_office(lived):
    for record in Record.objects.select_related("entered_by", "decided_by"):
        assert Post.objects.held_by(record.entered_by, record.entered_on).exists(), record
        if record.decided_by:
            assert Post.objects.held_by(record.decided_by, timezone.localdate(record.decided_at)).exists(), record


def test_attachments_are_what_they_say(lived):
    attachments = list(Attachment.objects.all())
    proofs = Attachment.objects.filter(record__act__code="rectification").count()
    assert 20 <= len(attachments) - proofs <= 80
    assert proofs == Record.objects.filter(act__code="rectification").count() > 80, "one paper with every proof"
    assert {attachment.name.rpartition(".")[2] for attachment in attachments} == {"pdf", "xlsx", "png"}
    assert all((lived / attachment.file.name).stat().st_size == attachment.size for attachment in attachments)


def test_files_are_valid_and_the_same_each_time(lived):
    def make() -> list:
        page = files.pdf("a.pdf", files.page("标题", TODAY, "内容" * 30))
        return [page, files.xlsx("a.xlsx", [("项目", "内容")]), files.png("a.png", seed=3)]

    first, second = make(), make()
    assert [file.read() for file in first] == [file.read() for file in second]
    for file in first:
        file.seek(0)
        assert examine(file)
    assert "标题" in pypdf.PdfReader(first[0]).pages[0].extract_text()
    assert list(openpyxl.load_workbook(first[1]).active.values) == [("项目", "内容")]


def test_the_clock_comes_back(lived):
    with standing_at(moment(date(2025, 3, 1))):
        assert timezone.localdate() == date(2025, 3, 1)
    assert timezone.localdate() == TODAY


def _forget() -> None:
    """Empty the tables row by row: TRUNCATE would refuse inside a transaction that has written; the log of audit as well."""
    triggers.drop()
    for model in reversed(list(apps.get_models(include_auto_created=True))):
        if model._meta.app_label not in ("contenttypes", "auth", "sessions") or model._meta.auto_created:
            model._base_manager.all()._raw_delete("default")


@pytest.fixture(scope="class")
def past(demo, django_db_blocker):
    """2025 alone, in place of the demo; lived once for all clocks."""
    with django_db_blocker.unblock(), time_machine.travel(MORNING, tick=True), transaction.atomic():
        _forget()
        university.live_the_past()
        yield
        transaction.set_rollback(True)


@pytest.mark.once
class TestLaterClocks:
    @pytest.mark.parametrize("later", [date(2026, 12, 30), date(2027, 3, 1)])
    def test_a_later_clock_loads_too(self, past, lived, settings, later, quick_papers):
        """The story goes on: what the diary does not tell stays open, the rest is mostly done."""
        settings.MEDIA_ROOT = lived  # where the past has left its files
        university.live_on(later)
        duties = Duty.objects.of_year(2026)
        asked = duties.exclude(obligation=None)
        assert asked.fulfilled().count() > asked.count() * 0.9
        assert owed(2026, "warning-meetings").late(later).count() == 1
        assert not Record.objects.filter(entered_on__gte=later + timedelta(days=1)).exists()


def test_the_chains_show_each_way_to_break(lived):
    office = Person.objects.get(username="office")
    words = {word for chain in lists.chains(office, 2026, TODAY) for word in chain.break_words}
    assert {"无人认领", "没有项目", "项目没有里程碑"} <= words
    whole = next(chain for chain in lists.chains(office, 2026, TODAY) if chain.problem and not chain.break_words)
    assert whole.links[0].projects[0].project.half_year_note


def test_papers_stand_in_every_state_an_office_meets(lived):
    states = set(Document.objects.values_list("state", flat=True))
    assert states == {"draft", "in_review", "returned", "to_sign", "signed"}
    asked = Document.objects.get(kind__act__code="problem-report")
    assert asked.answer_duty.is_open
    assert asked.record.attachments.get().sha256 == asked.signatures.get().pdf_sha256


def test_risk_points_stand_in_every_key_area_and_were_checked_twice(lived):
    """三（四）2: most answered last year; this year some have, one found nothing, one has only begun."""
    assert 30 <= RiskPoint.objects.count() <= 50
    seen = RiskMap(account("discipline"))
    assert len(seen.areas) == 8
    assert seen.empty_areas == []
    last, now = (CheckFigures(account("discipline"), CheckCampaign.objects.get(work_year=year)) for year in diary.YEARS)
    assert len(last.of_view("handed_in")) > len(now.of_view("handed_in")) > 0
    assert now.of_view("zero")
    assert {"财务处"} <= {line.organisation.name for line in now.of_view("missing")}
    assert all(now.changes[name] for name in ("new", "retired", "level"))
    assert now.counted["differs"] > 0
    assert not RiskPoint.objects.exclude(pk__in=RiskChange.objects.effective().values("point")).exists()


def test_closed_problems_are_looked_at_again_and_progress_is_told(lived):
    done, running = Recheck.objects.order_by("drawn_at")
    assert (done.state, running.state) == ("concluded", "running")
    false = done.items.get(result="false")
    assert Finding.objects.get(predecessor=false.finding).number.endswith("-R2")
    issued, waiting = ProgressNotice.objects.order_by("made_at")
    assert (issued.state, issued.scope, waiting.state, waiting.scope) == ("issued", "inside", "proposed", "public")
    assert waiting.withheld


def test_signs_of_formalism_are_few_and_tell_their_story(lived):
    """四（三）: one report copied, one photo used again, both to look at; one hint looked at and dismissed."""
    told = sorted(Hint.objects.values_list("kind", "state"))
    assert told == [("between", "dismissed"), ("between", "open"), ("photo", "open")]
    copied = Hint.objects.open().get(kind="between")
    assert (copied.organisation.name, copied.other.name) == ("工商管理学院", "金融管理学院")
    pairs = asked_twice(account("office"), 2026)
    assert [pair.organisation.name for pair in pairs] == ["外国语学院"]


# ── every figure, on fifty states of the demo ──────────────────────────────────────────────

SETS = 50
MOVED = (
    (Duty, "due_on"), (LetterMatter, "due_on"), (Talk, "due_on"), (FollowUp, "due_on"), (ClueItem, "due_on"),
    (FormEntry, "decided_on"), (AccountabilityMeasure, "decided_on"), (FoundProblem, "noted_on"),
)  # fmt: skip


def shake(dice: random.Random) -> None:
    """Another day, other days of a few rows of every register, other people admitted."""
    for model, name in dice.sample(MOVED, 3):
        rows = [row for row in model.objects.values_list("pk", name) if row[1]]
        for pk, day in dice.sample(rows, min(len(rows), 3)):
            moved = day + timedelta(days=dice.randint(-40, 40))
            model.objects.filter(pk=pk).update(**{name: moved.replace(year=day.year)})
    named = Admission.objects.filter(person=account("discipline"))
    pk = dice.choice(list(named.values_list("pk", flat=True)))
    named.filter(pk=pk).update(until_on=dice.choice((None, None, named.get(pk=pk).from_on)))


def test_each_figure_is_the_number_of_rows_its_page_shows(lived, client, clock):
    """四（三）: for whoever is told of it, on any day; a figure nobody is told of would be noticed."""
    dice = random.Random(20261129)
    readers = [one.username for one in ACCOUNTS]
    told_to, above = defaultdict(set), set()
    for _ in range(SETS):
        shake(dice)
        clock.move_to(datetime(2026, dice.randint(3, 12), dice.randint(1, 28), 4, tzinfo=UTC))
        user = account(dice.choice(readers + ["discipline"] * 8 + ["secretary"] * 2))
        client.force_login(user)
        told = figures_of(user, dice.choice((2025, 2026, 2026)), timezone.localdate())
        for one in told.values():
            told_to[one.figure.name].add(user.username)
        # One page a turn: of a figure that was nowhere above nought before, if there is one.
        one = min(told.values(), key=lambda one: (one.count == 0, one.figure.name in above, dice.random()))
        page = client.get(one.url)
        if page.status_code == 403:
            assert one.count == 0, (one.figure.name, user.username)
            continue
        assert page.context["pager"].total == one.count, (one.figure.name, user.username, one.url)
        if one.count:
            above.add(one.figure.name)
    assert set(told_to) == set(FIGURES)
    assert len(above) > len(FIGURES) * 2 / 3, sorted(set(FIGURES) - above)
