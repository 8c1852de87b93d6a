"""The house keeps its own rules: imports, doors, query counts, clauses, migrations."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accountability.models import Clause, Duty
from tests import cast
from tests.matrix.addresses import addresses

ROOT = Path(__file__).parent.parent


def test_imports_point_downwards():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_no_migration_is_missing(tmp_path):
    """Asked of a process of its own: this one makes its tables straight from the models and sees no migration at all."""
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# Every address of our own; the admin's are asked for in tests/matrix.
ROUTES = [(address.name, address.path.replace("{}", "{pk}")) for address in addresses() if not address.is_admin]


def test_the_walk_is_not_vacuous():
    names = {name for name, _ in ROUTES}
    assert {"home", "ledger", "duty", "meeting", "report_illustrated", "notices", "attachment"} <= names


@pytest.mark.django_db
@pytest.mark.postgresql
@pytest.mark.parametrize("who", [part.username for part in cast.PARTS])
def test_no_page_falls_over_for_anybody(login, who):
    """On SQLite a browser opens them (tests/browser/test_quiet_console.py)."""
    client = login(who)
    for name, path in ROUTES:
        if "{pk}" not in path and name not in ("logout", "metrics"):
            answer = client.get(path)
            assert answer.status_code in (200, 302, 400, 403, 405, 503), (who, path)
            is_page = answer.get("Content-Type", "").startswith("text/html") and not answer.streaming and answer.content
            if is_page and name != "healthz":
                page = answer.content.decode()
                assert cast.SECRECY in page, (who, path)
                for form in re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL):
                    assert re.search(r'name="csrfmiddlewaretoken" value="\w{20,}"', form), form[:200]


@pytest.mark.django_db
def test_doors_say_that_no_secrets_may_be_here_too(client, login):
    """涉密信息不上网: in the frame of every page, found or not, allowed or not, signed in or not, the admin included."""
    assert cast.SECRECY in client.get("/login/").content.decode()
    refused = login("liaison").get("/operations/")
    assert refused.status_code == 403
    assert cast.SECRECY in refused.content.decode()
    visitor = login("sysadmin")
    for path in ("/admin/", "/ledger/99999999/", "/nowhere/"):
        assert cast.SECRECY in visitor.get(path).content.decode(), path


def queries(client, path: str) -> int:
    client.get(path)  # warm: content types and the like
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


LISTS = [
    "/ledger/?organisation={unit}",
    "/records/",
    "/meetings/",
    "/notices/",
    "/",
    "/clauses/",
    "/documents/all/",
    "/handovers/",
    "/inspections/",
    "/risks/",
    "/research/",
    "/research/contacts/",
    "/inspections/findings/",
    "/inspections/measures/",
    "/inspections/units/",
    "/oversight/letters/",
    "/oversight/",
    "/oversight/talks/",
    "/oversight/assessment/",
    "/oversight/assessment/sheets/",
    "/oversight/assessment/objections/",
    "/oversight/burden/",
    "/oversight/burden/twice/",
    "/search/?q=会议",
    "/oversight/records/",
    "/oversight/records/problems/",
    "/oversight/records/checks/",
    "/oversight/records/evaluations/",
    "/reminders/papers/",
]


@pytest.mark.django_db
def test_a_list_costs_the_same_at_one_row_and_at_fifty(login, people):
    from datetime import date, timedelta

    from accountability.models import ActKind, Notice
    from accountability.services.notices import notify
    from meetings.services.recording import record_meeting

    unit = cast.organisation(cast.OURS)
    client = login("liaison")

    def costs() -> dict[str, int]:
        return {path: queries(client, path.format(unit=unit.pk)) for path in LISTS}

    def add(count: int, since: date) -> None:
        for number in range(count):
            record_meeting(
                by=people["liaison"],
                organisation=unit,
                act=ActKind.objects.get(code="unit-special-meeting"),
                work_year=cast.YEAR,
                title=f"第 {number} 次会议",
                happened_on=since + timedelta(days=number),
                chaired_by="沈若愚",
            )
            notify([people["liaison"]], kind=Notice.Kind.RETURNED, title=f"通知 {number}")

    add(1, date(2026, 1, 4))
    Duty.objects.filter(organisation=unit).exclude(obligation__code="unit-special-meetings").update(state="waived")
    few = costs()
    add(50, date(2026, 2, 1))
    Duty.objects.filter(organisation=unit).update(state="open")
    assert costs() == few


@pytest.mark.django_db
def test_every_clause_is_accounted_for():
    """docs/clauses.md names every clause with its page and test, or says what is missing; the tests it names exist."""
    page = (ROOT / "docs/clauses.md").read_text(encoding="utf-8")
    rows = {cells[1].strip(): cells for line in page.splitlines() if len(cells := line.split("|")) > 5}
    keys = set(Clause.objects.filter(regulation__repealed_on=None).values_list("key", flat=True))
    assert keys <= set(rows), "a clause without a row"
    for key in keys:
        named = re.findall(r"tests/[\w/]+\.py", "|".join(rows[key]))
        missing = rows[key][-2].strip()
        assert named or missing, f"clause {key}: neither test nor a word on what is missing"
        assert all((ROOT / path).exists() for path in named), key


def test_the_newest_year_comes_first():
    """工作年度 orders itself downwards: ordered by the relation, ``-work_year`` would be turned round, the oldest first."""
    by_relation = re.compile(r"""["']-(\w+__)?work_year["']|order_by\(\s*["'](\w+__)?work_year["']""")
    assert by_relation.search('order_by("-scheme__work_year")') and not by_relation.search('order_by("-work_year_id")')
    rooms = ("accountability", "meetings", "inspections", "supervision")
    paths = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    assert [str(path) for path in paths if by_relation.search(path.read_text("utf-8"))] == []


def test_no_bare_update_on_tracked_models():
    """What history must know is never written past it (docs/decisions)."""
    allowed = {"accountability/models/organisations.py"}  # the derived path column
    tracked = (
        r"(Duty|Record|Evidence|Attachment|Meeting|Post|Tenure|Portfolio|Organisation|WorkYear|Report|FigureSet|Dispatch|Obligation"
        r"|Round|RoundUnit|RoundMember|Finding|Measure|KindResult|Extension|LedgerImport|UnitAlias"
        r"|Recheck|RecheckItem|RecheckPaper|Withholding|ProgressNotice"
        r"|RiskPoint|RiskChange|CheckCampaign|UnitCheck|RiskAnswer|RiskFactor|LevelRule"
        r"|Visit|VisitUnit|Sign|Topic|TopicSign|Requirement|Reply|Rule"
        r"|Letter|LetterMatter|LetterAnswer"
        r"|Admission|Talk|FollowUp|InPerson|FormEntry|FormMeasure"
        r"|Hint"
        r"|Oversight|OversightUnit|OversightStep|FoundProblem|SpecialCheck|CheckItem|CheckMember|CheckUnit|CheckAnswer|CheckPaper"
        r"|RecordEvaluation|Clue|ClueItem|CluePaper"
        r"|ProgressReport|ProgressLine|LongTermReview|Term|PlannedInspection"
        r"|Scheme|SchemeItem|Assessment|AssessmentSheet|ScoreLine|Objection|ObjectionPaper"
        r"|AccountabilityKind|AccountabilityMeasure|DecisionPaper"
        r"|Archive|ArchivePaper|ArchiveUpdate|ArchiveOpening|OpeningRequest|Kinship|PaperKind|Opinion|OpinionCadre"
        r"|ReminderRule|ReminderStep|QuietPeriod|ReminderPaper|ReminderPaperLine"
        r"|RosterImport|Problem|Responsibility|Project|Milestone|UnitList|UnitItem|HandOver|HandOverLine|FormerName|Document|DocumentVersion|Review|Signature|Comment|Answer|DocumentKind)"
    )
    for app in ("accountability", "meetings", "inspections", "supervision"):
        for path in (ROOT / app).rglob("*.py"):
            relative = str(path.relative_to(ROOT))
            if "migrations" in relative or relative in allowed or "demo" in relative:
                continue
            text = path.read_text(encoding="utf-8")
            assert not re.search(tracked + r"\.objects[^\n]*\.(update|bulk_create|bulk_update)\(", text), relative


def test_every_business_model_keeps_its_history():
    """Notices, digests, deliveries, jobs and heartbeats are traces themselves, as is the register of numbers; a draft's history
    are its versions; a report's figures and papers are written once. Everything else keeps who, when and why."""
    from django.apps import apps

    traces = {"Notice", "Digest", "Delivery", "Job", "Heartbeat", "DocumentDraft", "NumberSeries"}
    traces |= {"FigureSet", "ReportPaper", "ReportBatchItem", "AuditEvent", "AuditSeal", "AuditArchive"}
    traces |= {"FormerPassword", "LoginSession", "RateCount"}
    traces |= {"Authenticator", "RecoveryCode"}  # their history is the person's
    ours = [
        model
        for app in ("accountability", "meetings", "inspections", "supervision")
        for model in apps.get_app_config(app).get_models()
        if not model.__name__.startswith("Historical")
    ]
    assert len(ours) > 20
    assert {model.__name__ for model in ours if not hasattr(model, "history")} == traces
