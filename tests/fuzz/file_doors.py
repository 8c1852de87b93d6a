"""Every form that takes files, each with what an honest sender fills in: that it is taken gives the refusal of a hostile file its meaning.

``listening`` and ``written_in_views`` show that none is missing: which functions read ``request.FILES``, in the code and while files are sent.
"""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.core.handlers.wsgi import WSGIRequest
from django.urls import reverse

from accountability.models import Duty, Post, Record
from tests import acts, cast, papers
from tests.fuzz.hostile_files import GOOD, Made
from tests.fuzz.values import Upload
from tests.matrix.objects import OURS

ROOT = Path(__file__).parent.parent.parent
APPS = ("accountability", "meetings", "inspections", "supervision")
WORDS = "已按要求逐项办理，材料齐全，责任到人。"
DAY = "2026-11-20"
Fields = dict[str, object]


@dataclass(frozen=True)
class FileDoor:
    """Who sends to which address, with which other fields, the file under which name; and a file that is taken there."""

    name: str
    path: str
    who: str
    fields: Fields
    field: str = "files"
    good: Made = ("佐证.pdf", papers.pdf("另一份"))  # the usual one stands at some of them already

    def pairs(self, made: Made) -> list[tuple[str, object]]:
        told = [
            (name, str(one))
            for name, value in self.fields.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        return [*told, (self.field, Upload(*made))]


def file_doors(people, own: dict) -> list[FileDoor]:
    """``own``: what our college has, as ``tests.matrix.objects`` lays it."""
    made = [*_records(people), *_meetings(people, own), *_inspected(people, own), *_answers(people, own)]
    return [*made, *_supervised(people, own), *_workbooks_and_papers(people, own)]


def _door(name: str, who: str, fields: Fields, *at, query: str = "", **more) -> FileDoor:
    return FileDoor(name, reverse(name, args=at) + query, who, fields, **more)


def _returned(record: Record, people) -> Record:
    from accountability.services.records import decide

    decide(record, "return", by=people[OURS.secretary], reason="请补充佐证材料")
    return record


# ── records and meetings ──────────────────────────────────────────────────────────────────────


def _records(people) -> Iterator[FileDoor]:
    told = {"title": "报告履责情况", "happened_on": DAY, "content": WORDS}
    duty = acts.duty_of(OURS.unit, "risk-self-check")
    query = f"?duty={duty.pk}&act=risk-self-check"
    picture = ("现场.png", GOOD["png"])
    yield _door("record_new", OURS.liaison, told | {"duties": duty.pk}, query=query, good=picture)
    record = acts.record(people[OURS.liaison], OURS.unit, "risk-self-check", on=date(2026, 9, 1), credit=False)
    yield _door("record_revise", OURS.liaison, told, _returned(record, people).pk)


def _meetings(people, own: dict) -> Iterator[FileDoor]:
    from tests.meetings.test_life import held

    duty = acts.duty_of(OURS.unit, "unit-special-meeting")
    told = {"title": "专题会议", "happened_on": DAY, "chaired_by": "沈若愚", "content": WORDS}
    yield _door("meeting_new", OURS.liaison, told, query=f"?duty={duty.pk}&kind=unit-special-meeting")
    _returned(Record.objects.get(pk=own["meeting_revise"]), people)
    yield _door("meeting_revise", OURS.liaison, told | {"happened_on": "2026-11-02"}, own["meeting_revise"])
    yield _door("meeting_item", OURS.liaison, {"papers": 1}, *own["meeting_item"])
    yield _door("meeting_act", "office", {"act": "hand_in"}, held(people).pk)


# ── inspections and research ──────────────────────────────────────────────────────────────────


def _inspected(people, own: dict) -> Iterator[FileDoor]:
    from inspections.models import Finding
    from inspections.services import rechecks
    from tests.inspections.rounds import SAMPLE, finding_of
    from tests.inspections.test_rechecks import closed

    told = {"act": "complete", "progress": WORDS, "happened_on": DAY, "result_建章立制": "印发办法一项。"}
    yield _door("measure", OURS.liaison, told, own["measure"])
    yield _door("long_term_review", OURS.liaison, {"act": "account", "text": WORDS}, own["long_term_review"])
    finding = finding_of(Finding.objects.get(pk=own["finding"]).round, OURS.name)
    closed(finding, people)
    item = rechecks.draw_recheck(by=people["discipline"], size=2, round=finding.round).items.get(finding=finding)
    told = {"result": "real", "words": WORDS, "checked_on": "2026-11-23", "place": "会计学院二楼"}
    yield _door("recheck_item_record", "discipline", told, item.pk)
    ledger = {"field": "file", "good": ("整改台账.xlsx", SAMPLE.read_bytes())}
    yield _door("ledger_upload", "discipline", {}, own["ledger_upload"], **ledger)


def _answers(people, own: dict) -> Iterator[FileDoor]:
    from tests.supervision import watching

    yield _door("reply", OURS.liaison, {"text": WORDS}, own["reply"])
    yield _door("letter_answer", OURS.secretary, {"text": WORDS}, own["letter_answer"])
    item = watching.item_of(watching.sent(people["discipline"]))
    yield _door("clue_item_answer", "department", {"text": WORDS}, item.pk)
    told = {"words": "纪要已在会前提交，请复核这一项的得分。"}
    yield _door("score_line_object", OURS.secretary, told, _another_line(own["score_line"]))


def _another_line(pk: int) -> int:
    """Of the same sheet, to which nobody has objected."""
    from supervision.models import ScoreLine

    sheet = ScoreLine.objects.get(pk=pk).sheet
    return sheet.lines.filter(item__points__gt=0, objections=None).exclude(pk=pk).first().pk


# ── supervision ───────────────────────────────────────────────────────────────────────────────


def _supervised(people, own: dict) -> Iterator[FileDoor]:
    from supervision.models import AccountabilityKind, CheckUnit, PaperKind
    from tests.supervision.test_in_person import FORM
    from tests.supervision.test_oversight import form

    yield _door("oversight_new", "discipline", form(happened_on="2026-11-19"))
    kind = AccountabilityKind.objects.get(code="circular-organisation")
    told = {"kind": kind.pk, "organisation": OURS.unit.pk, "reason": WORDS, "disclosure": "found"}
    decided = {"decided_by_body": "学校党委", "decided_on": "2026-11-10", "document_number": "江海委〔2026〕39号"}
    yield _door("accountability_measure_new", "discipline", told | decided)
    filed = {"kind": PaperKind.objects.first().pk, "title": "2025年谈话记录", "dated_on": "2025-03-04"}
    yield _door("archive_paper_new", "discipline", filed, own["archive_paper_new"])
    unit = CheckUnit.objects.get(pk=own["check_unit"])
    item = unit.special_check.items.first()
    yield _door("check_unit_papers", "discipline", {"item": item.pk}, unit.pk)
    yield _door("in_person_new", "secretary", FORM)
    yield _visit()


def _visit() -> FileDoor:
    post = Post.objects.get(title="分管财务副校长")
    duty = Duty.objects.get(obligation__code="member-research-visits", work_year=cast.YEAR, owner=post)
    told = {"post": post.pk, "happened_on": "2026-11-18", "units": [OURS.unit.pk], "place": "学院会议室"}
    words = {"learned": WORDS, "asked": WORDS}
    return _door("visit_new", "member", told | words, query=f"?duty={duty.pk}")


# ── workbooks and papers of ours ──────────────────────────────────────────────────────────────


def _workbooks_and_papers(people, own: dict) -> Iterator[FileDoor]:
    from accountability.services import roster
    from meetings.services import backlog

    sheet = backlog.workbook_of(people[OURS.liaison], cast.YEAR)
    yield _door("roster", "office", {}, field="file", good=("花名册.xlsx", roster.workbook_of()))
    yield _door("meeting_backlog", OURS.liaison, {}, field="file", good=("会议表.xlsx", sheet))
    word = ("报告.docx", papers.docx("一、工作情况"))
    yield _door("document_upload", OURS.secretary, {}, own["document_upload"], field="file", good=word)
    yield _door("verify", OURS.liaison, {}, field="file", good=("报告.pdf", GOOD["pdf"]))


# ── is each of them here ──────────────────────────────────────────────────────────────────────


def written_in_views() -> set[str]:
    """The functions in which ``request.FILES`` stands."""
    found = set()
    for app in APPS:
        for path in (ROOT / app / "views").rglob("*.py"):
            for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(function, ast.FunctionDef) and any(_is_files(node) for node in ast.walk(function)):
                    found.add(f"{path.relative_to(ROOT)} {function.name}")
    return found


def _is_files(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "FILES"


@contextmanager
def listening(heard: set[str]) -> Iterator[None]:
    """Hears which functions of views read the files of a request."""
    before = WSGIRequest.FILES

    def files(request):
        code = sys._getframe(1).f_code
        path = Path(code.co_filename)
        if path.is_relative_to(ROOT) and "views" in path.parts:
            heard.add(f"{path.relative_to(ROOT)} {code.co_name}")
        return before.fget(request)

    WSGIRequest.FILES = property(files)
    try:
        yield
    finally:
        WSGIRequest.FILES = before
