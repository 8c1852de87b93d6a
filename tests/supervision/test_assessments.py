"""年度考核: scheme, scores with their rows, own and human scores beside them, objections, the frozen result (四（四）)."""

import json
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pypdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accountability.models import Duty, Notice, Record
from supervision.board.indicators import FIGURES
from supervision.models import Assessment, AssessmentSheet, Objection, Scheme, SchemeItem, ScoreLine
from supervision.services import assessments, objections, schemes, self_assessments
from supervision.services.self_assessments import Typed
from tests import acts, cast
from tests.supervision.assessments import (
    WORDS,
    admitted_to_measures,
    approved,
    as_counted,
    fresh,
    frozen,
    head_of_commission,
    line_of,
    measure_on,
    opened,
    published,
    reviewed,
    self_assessed,
    sheet_for,
    sheet_of,
)

pytestmark = pytest.mark.django_db
ALL = [part.username for part in cast.PARTS]
SEE_ALL = {"office", "discipline", "secretary"}


# ── the scheme ───────────────────────────────────────────────────────────────────────────────


def test_the_commission_prepares_and_the_secretary_approves(people):
    scheme = schemes.draft_scheme(by=people["discipline"], year=cast.YEAR, kind="unit")
    assert scheme.weight == 100
    assert scheme.grade_of(Decimal("95")) == "好"
    assert scheme.grade_of(Decimal("94.99")) == "较好"
    assert scheme.grade_of(Decimal("0")) == "差"
    with pytest.raises(ValidationError, match="已有二级单位的考核方案"):
        schemes.draft_scheme(by=people["discipline"], year=cast.YEAR, kind="unit")
    for who in ("office", "secretary", "unit_secretary", "sysadmin"):
        with pytest.raises(PermissionDenied):
            schemes.draft_scheme(by=people[who], year=cast.YEAR, kind="leader")
    schemes.perform(scheme, "propose", by=people["discipline"])
    with pytest.raises(PermissionDenied, match="不能审定自己的考核方案"):
        schemes.perform(scheme, "approve", by=people["discipline"])
    with pytest.raises(PermissionDenied):
        schemes.perform(scheme, "approve", by=people["office"])
    scheme = schemes.perform(scheme, "approve", by=people["secretary"])
    assert scheme.state == "approved"
    with pytest.raises(IntegrityError), transaction.atomic():
        Scheme.objects.filter(pk=scheme.pk).update(approved_by=scheme.prepared_by)


def test_a_scheme_that_does_not_add_up_is_not_proposed(people):
    scheme = schemes.draft_scheme(by=people["discipline"], year=cast.YEAR, kind="unit")
    item = scheme.items.get(title="专题会议")
    schemes.drop_item(item, by=people["discipline"])
    with pytest.raises(ValidationError, match="合计 90 分"):
        schemes.perform(scheme, "propose", by=people["discipline"])
    schemes.add_item(
        scheme,
        by=people["discipline"],
        group="履责",
        title="专题会议",
        standard="少开一次扣 2 分。",
        points=10,
        rule={"indicator": "meetings_short", "deduct": 2},
    )
    assert schemes.perform(scheme, "propose", by=people["discipline"]).state == "proposed"
    assert SchemeItem.objects.filter(scheme=scheme, title="专题会议").count() == 2, "what was dropped stays on record"


def test_next_years_scheme_is_like_this_years(people, clock):
    from accountability.services.opening import open_year

    scheme = approved(people)
    open_year(2027, by=people["office"])
    again = schemes.draft_scheme(by=people["discipline"], year=2027, kind="unit", like=scheme)
    assert again.title == scheme.title.replace("2026", "2027")
    kept = ("title", "points", "rule", "group", "is_bonus")
    assert list(again.items.values_list(*kept)) == list(scheme.items.values_list(*kept))
    assert schemes.load_schemes(year=2027, by=people["discipline"]) == 1, "the leaders' was still missing"


def test_once_opened_it_changes_no_more(people):
    assessment = opened(people)
    item = assessment.scheme.items.first()
    for verb in (
        lambda: schemes.edit_item(
            item, by=people["discipline"], group="甲", title="乙", standard="丙", points=1, rule={}
        ),
        lambda: schemes.drop_item(item, by=people["discipline"]),
        lambda: schemes.perform(assessment.scheme, "send_back", by=people["secretary"], reason="再改一改"),
    ):
        with pytest.raises(ValidationError, match="已启用"):
            verb()


RULE = {
    "form": "each",
    "indicator": "duties_late",
    "by": "2",
    "points": "12",
    "group": "履责",
    "title": "新项目",
    "standard": "逾期一项扣二分。",
}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({}, {"indicator": "duties_late", "deduct": 2.0}),
        ({"each": "3", "at_most": "6"}, {"indicator": "duties_late", "deduct": 2.0, "each": 3, "at_most": 6.0}),
        (
            {"scope": "branches", "asked": "no", "days": "30", "except_categories": ["meeting"]},
            {
                "indicator": "duties_late",
                "deduct": 2.0,
                "filter": {"scope": "branches", "asked": False, "days": 30, "except_categories": ["meeting"]},
            },
        ),
        (
            {"form": "rate", "indicator": "duties_on_time", "of": "duties_due", "steps": "95：2，90:4"},
            {
                "indicator": "duties_on_time",
                "of": "duties_due",
                "steps": [{"below": 95.0, "deduct": 2.0}, {"below": 90.0, "deduct": 4.0}],
            },
        ),
        (
            {"form": "clean", "of": "duties_due"},
            {"indicator": "duties_late", "of": "duties_due", "add": 2.0, "when": "none"},
        ),
        (
            {"form": "veto", "each": "2", "grade": "一般", "points": "0"},
            {"indicator": "duties_late", "at_least": 2, "grade": "一般"},
        ),
        (
            {"indicator": "measures_taken", "weigh": "主动报告:0.5，隐瞒不报:2", "kinds": ["examination"]},
            {
                "indicator": "measures_taken",
                "deduct": 2.0,
                "weigh": {"reported": 0.5, "concealed": 2.0},
                "filter": {"kinds": ["examination"]},
            },
        ),
        ({"form": "human", "indicator": "", "by": ""}, {}),
    ],
)
def test_a_rule_is_edited_in_fields_and_comes_back_the_same(login, people, sent, kept):
    scheme = schemes.draft_scheme(by=people["discipline"], year=cast.YEAR, kind="unit")
    client = login("discipline")
    answer = client.post(f"/oversight/assessment/schemes/{scheme.pk}/items/new/", RULE | sent)
    assert answer.status_code == 302, answer.context["form"].errors
    item = scheme.items.get(title="新项目")
    assert item.rule == kept
    page = client.get(f"/oversight/assessment/schemes/items/{item.pk}/")
    again = {name: value for name, value in page.context["form"].initial.items() if value not in (None, "")}
    assert client.post(f"/oversight/assessment/schemes/items/{item.pk}/", again).status_code == 302
    item.refresh_from_db()
    assert item.rule == kept, "what the form shows says the same as the rule"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"points": "很多"}, "0 至 100 的数字"),
        ({"points": "9" * 40}, "0 至 100 的数字"),
        ({"points": "0"}, "大于 0 的分值"),
        ({"by": ""}, "请填写每次扣（加）几分"),
        ({"indicator": ""}, "个指标"),
        ({"indicator": "findings_late", "days": "3"}, "不能按 days 筛选"),
        ({"form": "rate", "of": "duties_due", "steps": "九十五扣二"}, "看不懂"),
        ({"form": "rate", "of": "duties_due", "steps": "Infinity:2"}, ""),
        ({"form": "veto", "grade": "很差", "points": "0"}, "没有「很差」这个等次"),
        ({"form": "whatever"}, "请选择计分方式"),
        ({"weigh": "自首:0.5"}, "这种发现方式"),
        ({"title": "机密★一年"}, "密级标志"),
        ({"title": "专题会议"}, "同名"),
    ],
)
def test_a_bad_item_is_refused_with_what_was_typed(login, people, sent, said):
    scheme = schemes.draft_scheme(by=people["discipline"], year=cast.YEAR, kind="unit")
    answer = login("discipline").post(f"/oversight/assessment/schemes/{scheme.pk}/items/new/", RULE | sent)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert "逾期一项扣二分。" in answer.content.decode()
    assert scheme.items.count() == 16


@pytest.mark.parametrize(
    ("grades", "said"),
    [
        ("好 90\n差 0", ""),
        ("好 90", "至少有两个等次"),
        ("好 60\n差 90", "从高到低"),
        ("好 90\n差 10", "从 0 分起"),
        ("好 九十\n差 0", "看不懂"),
        ("好 1e999\n差 0", "看不懂"),
        ("好 90 提拔\n差 0", "不宜用于的只能是"),
        ("", "请填写等次"),
    ],
)
def test_grades_are_edited_as_lines(login, people, grades, said):
    scheme = schemes.draft_scheme(by=people["discipline"], year=cast.YEAR, kind="unit")
    sent = {"title": "方案", "guidance": "", "grades": grades, "objection_days": 5, "answer_days": 5}
    answer = login("discipline").post(f"/oversight/assessment/schemes/{scheme.pk}/edit/", sent)
    assert answer.status_code == (400 if said else 302)
    assert said in answer.content.decode()


# ── counting ─────────────────────────────────────────────────────────────────────────────────


def test_a_sheet_and_a_duty_for_everybody(people):
    units, leaders = opened(people), opened(people, "leader")
    assert (units.sheets.count(), leaders.sheets.count()) == (38, 22)
    assert not units.sheets.filter(duty=None).exists()
    duty = sheet_of(units).duty
    assert (duty.due_on, duty.organisation.name, duty.is_open) == (date(2026, 12, 25), cast.OURS, True)
    own = sheet_for(leaders, people["member"]).duty
    assert own.bearer_post.title == "分管财务副校长"
    assert Duty.objects.owed_by(people["member"]).filter(pk=own.pk).exists()
    assert Notice.objects.filter(recipient=people["liaison"], title__contains="考核启动").exists()


def test_each_deduction_is_explained_to_the_row(login, people):
    """The rows behind a score are kept with it, and each opens."""
    ours = cast.organisation(cast.OURS)
    late = (
        Duty.objects.of_year(cast.YEAR)
        .late(cast.TODAY)
        .filter(organisation=ours, obligation__acts__category="document")
    )
    line = line_of(sheet_of(opened(people)), "责任文书签订")
    assert {row["pk"] for row in line.rows} == set(late.values_list("pk", flat=True))
    assert (
        line.system_words == f"未签订的责任文书 {late.distinct().count()} 项 × 3 分，应扣 15 分，至多扣 12 分，扣 12 分"
    )
    page = login("unit_secretary").get(f"/oversight/assessment/lines/{line.pk}/")
    for duty in late.distinct():
        assert f'href="/ledger/{duty.pk}/"' in page.content.decode()
    Duty.objects.filter(pk=line.rows[0]["pk"]).update(state="waived")
    again = ScoreLine.objects.get(pk=line.pk)
    assert again.rows == line.rows, "what was counted then stays as it was"


def test_the_same_data_give_the_same_scores(people):
    assessment = opened(people)
    lines = list(ScoreLine.objects.filter(sheet__assessment=assessment).select_related("item", "sheet"))
    first, inputs = assessments.scored(assessment, lines, on=assessment.counted_on)
    again, repeated = assessments.scored(assessment, reversed(lines), on=assessment.counted_on)
    assert inputs == repeated == assessment.inputs_sha256
    assert {key: value.points for key, value in first.items()} == {key: value.points for key, value in again.items()}
    assert all(line.system_points == first[line.pk].points for line in lines)
    before = assessment.inputs_sha256
    assert assessments.recount(assessment, by=people["discipline"]).inputs_sha256 == before
    acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "duty-report")
    acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "task-list")
    changed = assessments.recount(assessment, by=people["discipline"])
    assert changed.inputs_sha256 != before, "the task list was late and is done now"


def test_what_happens_afterwards_moves_nothing_by_itself(people):
    sheet = sheet_of(opened(people))
    before = sheet.system_total
    acts.record(people["unit_secretary"], cast.organisation(cast.OURS), "task-list")
    assert AssessmentSheet.objects.get(pk=sheet.pk).system_total == before


def test_own_scores_survive_a_recount_and_reviews_end_it(people):
    assessment = opened(people)
    sheet = self_assessed(sheet_of(assessment), people["unit_secretary"])
    assessments.recount(assessment, by=people["discipline"])
    assert line_of(sheet, "专题会议").self_words == "情况属实。"
    reviewed(assessment, people)
    with pytest.raises(ValidationError, match="系统得分不再变动"):
        assessments.recount(assessment, by=people["discipline"])
    with pytest.raises(PermissionDenied):
        assessments.recount(assessment, by=people["office"])


def test_counting_everybody_takes_a_bounded_number_of_queries(people):
    assessment = opened(people)
    lines = list(ScoreLine.objects.filter(sheet__assessment=assessment).select_related("item", "sheet__organisation"))
    one = [line for line in lines if line.sheet.organisation.name == cast.OURS]

    def cost(some) -> int:
        with CaptureQueriesContext(connection) as captured:
            assessments.scored(assessment, some, on=cast.TODAY)
        return len(captured)

    assert len(lines) == 38 * 16
    assert cost(lines) == cost(one) <= 12


def test_pages_cost_the_same_for_one_sheet_as_for_all(login, people):
    assessment = opened(people)
    client = login("discipline")
    for path in (f"/oversight/assessment/{assessment.pk}/", "/oversight/assessment/sheets/"):
        costs = []
        for query in (f"?q={cast.OURS}", ""):
            client.get(path + query)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path + query).status_code == 200
            costs.append(len(captured))
        assert costs[0] == costs[1] <= 40, path


# ── self-assessment ──────────────────────────────────────────────────────────────────────────


def test_the_liaison_drafts_and_his_secretary_confirms(people):
    sheet = sheet_of(opened(people))
    with pytest.raises(ValidationError) as lacking:
        self_assessments.write_self(sheet, by=people["liaison"], typed={}, words="短", act="hand")
    assert "words" in lacking.value.error_dict
    sheet = self_assessed(sheet, people["liaison"], "hand")
    assert sheet.self_state == "handed"
    assert Notice.objects.filter(recipient=people["unit_secretary"], title__contains="待确认").exists()
    with pytest.raises(ValidationError, match="已送本单位党组织书记确认"):
        self_assessed(sheet, people["liaison"], "save")
    for who in ("other_secretary", "member", "office", "discipline"):
        with pytest.raises(PermissionDenied):
            self_assessed(sheet, people[who], "save")
    sheet = self_assessments.send_back(sheet, by=people["unit_secretary"], reason="专题会议一项写清楚次数")
    assert sheet.self_state == "draft"
    with pytest.raises(PermissionDenied, match="党组织书记确认"):
        self_assessed(sheet, people["liaison"])
    self_assessed(sheet, people["liaison"], "hand")
    sheet = self_assessed(sheet, people["unit_secretary"])
    sheet.duty.refresh_from_db()
    assert (sheet.confirmed_by, sheet.duty.state) == (people["unit_secretary"], "fulfilled")
    record = Record.objects.get(evidence__duty=sheet.duty)
    assert str(sheet.self_total) not in record.content, "that it was done, never with what score"
    with pytest.raises(ValidationError, match="已经确认"):
        self_assessed(sheet, people["unit_secretary"])


def test_a_leader_assesses_himself(people):
    sheet = sheet_for(opened(people, "leader"), people["member"])
    sheet = self_assessed(sheet, people["member"])
    sheet.duty.refresh_from_db()
    assert sheet.duty.is_fulfilled
    with pytest.raises(PermissionDenied):
        self_assessed(sheet_for(Assessment.objects.get(), people["secretary"]), people["member"])


def test_words_are_asked_where_one_sees_it_otherwise(people):
    sheet = sheet_of(opened(people))
    line = line_of(sheet, "专题会议")
    typed = as_counted(sheet) | {line.pk: Typed(line.system_points + 1, "")}
    with pytest.raises(ValidationError) as refused:
        self_assessments.write_self(sheet, by=people["unit_secretary"], typed=typed, words=WORDS, act="confirm")
    assert list(refused.value.error_dict) == [f"words_{line.pk}"]
    typed[line.pk] = Typed(Decimal(99), "开过")
    with pytest.raises(ValidationError, match="0 至 10 分之间"):
        self_assessments.write_self(sheet, by=people["unit_secretary"], typed=typed, words=WORDS, act="confirm")


def test_who_saves_on_an_old_page_overwrites_nothing(people):
    sheet = sheet_of(opened(people))
    self_assessments.write_self(sheet, by=people["liaison"], typed=as_counted(sheet), words="甲", turn=0)
    with pytest.raises(ValidationError, match="刚刚已由他人保存"):
        self_assessments.write_self(sheet, by=people["unit_secretary"], typed={}, words="乙", turn=0)
    assert AssessmentSheet.objects.get(pk=sheet.pk).self_words == "甲"


def test_self_assessment_through_the_page(login, people):
    sheet = sheet_of(opened(people))
    path = f"/oversight/assessment/sheets/{sheet.pk}/self/"
    client = login("liaison")
    page = client.get(path)
    form = page.context["form"]
    assert f"points_{line_of(sheet, '问责处理').pk}" not in form.fields, "restricted: the secretary's to fill in"
    sent = {name: "5" if name.startswith("points_") else "已对照检查。" for name in form.fields} | {
        "words": WORDS,
        "turn": "0",
    }
    line = line_of(sheet, "专题会议")
    bad = client.post(path, sent | {"act": "hand", f"points_{line.pk}": "十分"})
    assert bad.status_code == 400
    assert "十分" in bad.content.decode()
    over = client.post(path, sent | {"act": "hand", f"points_{line_of(sheet, '整改真实').pk}": "5"})
    assert over.status_code == 400, "4 is all there is"
    sent |= {f"points_{line_of(sheet, '整改真实').pk}": "4", f"points_{line_of(sheet, '巡察整改及时').pk}": "4"}
    sent |= {f"points_{line_of(sheet, '全年责任按期完成').pk}": "0"}
    answer = client.post(path, sent | {"act": "hand"})
    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    assert client.get(path).status_code == 403
    assert client.post(path, {"turn": "9" * 40, "act": "save"}).status_code == 403


# ── review ───────────────────────────────────────────────────────────────────────────────────


def test_neither_score_overwrites_the_other(people):
    assessment = assessments.perform(opened(people), "review", by=people["discipline"])
    sheet = sheet_of(assessment)
    line = line_of(sheet, "责任文书签订")
    system, words = line.system_points, line.system_words
    with pytest.raises(ValidationError, match="与系统得分不同，请写明理由"):
        self_assessments.review(sheet, by=people["discipline"], typed={line.pk: Typed(system + 2, "")})
    self_assessments.review(
        sheet, by=people["discipline"], typed={line.pk: Typed(system + 2, "两份因统一改版延后签订。")}
    )
    line.refresh_from_db()
    assert (line.system_points, line.system_words) == (system, words)
    assert (line.human_points, line.reviewed_by) == (system + 2, people["discipline"])
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreLine.objects.filter(pk=line.pk).update(human_words="")


def test_nobody_reviews_himself_or_his_own_unit(people):
    assessment = assessments.perform(opened(people), "review", by=people["discipline"])
    with pytest.raises(PermissionDenied, match="由纪委其他同志评议"):
        self_assessments.review(sheet_of(assessment, "纪委办公室"), by=people["discipline"], typed={})
    for who in ("office", "secretary", "unit_secretary"):
        with pytest.raises(PermissionDenied):
            self_assessments.review(sheet_of(assessment), by=people[who], typed={})


def test_review_waits_for_its_stage_and_publication_for_the_last_item(people):
    assessment = opened(people)
    with pytest.raises(ValidationError, match="转入评议后"):
        self_assessments.review(sheet_of(assessment), by=people["discipline"], typed={})
    assessment = assessments.perform(assessment, "review", by=people["discipline"])
    with pytest.raises(ValidationError, match="没有评议分"):
        assessments.perform(assessment, "publish", by=people["discipline"])
    with pytest.raises(ValidationError, match="不再自评"):
        self_assessed(sheet_of(assessment), people["unit_secretary"])


def test_review_through_the_page(login, people):
    admitted_to_measures(people)
    assessment = assessments.perform(opened(people), "review", by=people["discipline"])
    sheet = sheet_of(assessment)
    path = f"/oversight/assessment/sheets/{sheet.pk}/review/"
    client = login("discipline")
    form = client.get(path).context["form"]
    values = {name: form[name].value() for name in form.fields}
    human = line_of(sheet, "责任落实质量")
    assert values[f"points_{human.pk}"] is None, "offered where the system has a score, and nowhere else"
    bad = client.post(path, values | {f"points_{human.pk}": "8"})
    assert bad.status_code == 400
    assert "不是满分的，请写明理由" in bad.content.decode()
    assert (
        client.post(path, values | {f"points_{human.pk}": "8", f"words_{human.pk}": "举一反三不够。"}).status_code
        == 302
    )
    sheet.refresh_from_db()
    assert sheet.human_total == sheet.system_total + 8
    stale = client.post(path, values | {f"points_{human.pk}": "10"})
    assert "刚刚已由他人保存" in stale.content.decode()


# ── objection ────────────────────────────────────────────────────────────────────────────────


def objected(people, title: str = "责任文书签订", **more) -> Objection:
    assessment = published(people)
    line = line_of(sheet_of(assessment), title)
    return objections.raise_objection(
        line, by=people["unit_secretary"], words="两份文书因学校统一改版，经党办同意延期。", **more
    )


def test_an_objection_is_answered_by_another_and_adjusts_the_final_score_alone(people):
    objection = objected(people, files=[SimpleUploadedFile("同意延期的批复.pdf", acts.PDF)])
    line, sheet = objection.line, objection.line.sheet
    before = (line.system_points, line.human_points, sheet.final_total)
    assert objection.duty.organisation.kind == "commission"
    with pytest.raises(PermissionDenied, match="评议这一项的同志不能答复"):
        objections.answer(objection, by=people["discipline"], words="维持原来的评议意见。")
    for who in ("unit_secretary", "office", "other_secretary"):
        with pytest.raises(PermissionDenied):
            objections.answer(objection, by=people[who], words="维持原来的评议意见。")
    chief = head_of_commission()
    with pytest.raises(ValidationError, match="与原得分相同"):
        objections.answer(objection, by=chief, words="核对批复后予以调整。", points=objection.points_before)
    with pytest.raises(ValidationError, match="0 至 12 分之间"):
        objections.answer(objection, by=chief, words="核对批复后予以调整。", points=Decimal(13))
    answered = objections.answer(objection, by=chief, words="核对批复，两份不计逾期。", points=Decimal(6))
    assert answered.state == "adjusted"
    line, sheet = ScoreLine.objects.get(pk=line.pk), AssessmentSheet.objects.get(pk=sheet.pk)
    assert (line.system_points, line.human_points, line.final_points) == (*before[:2], Decimal(6))
    assert sheet.final_total == before[2] + Decimal(6) - before[1]
    assert Duty.objects.get(pk=objection.duty_id).is_fulfilled
    with pytest.raises(ValidationError, match="已调整"):
        objections.answer(answered, by=chief, words="再答复一次，不应该成功。")
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.filter(pk=answered.pk).update(answered_by=answered.reviewer)


def test_kept_with_words_and_one_open_at_a_time(people):
    objection = objected(people)
    with pytest.raises(ValidationError, match="已有待答复的异议"):
        objections.raise_objection(objection.line, by=people["unit_secretary"], words="再提一次同样的异议。")
    with pytest.raises(ValidationError, match="至少 10 个字"):
        objections.answer(objection, by=people["secretary"], words="不同意")
    kept = objections.answer(objection, by=people["secretary"], words="批复在期限之后作出，维持原分。")
    assert (kept.state, ScoreLine.objects.get(pk=objection.line_id).final_points) == ("kept", objection.points_before)
    objections.raise_objection(objection.line, by=people["unit_secretary"], words="补充提交了期限之前的批复。")


def test_objections_have_their_time_and_their_people(people, clock):
    assessment = published(people)
    line = line_of(sheet_of(assessment), "专题会议")
    for who in ("liaison", "other_secretary", "member", "discipline"):
        with pytest.raises(PermissionDenied):
            objections.raise_objection(line, by=people[who], words="对这一项得分有异议，请复核。")
    clock.shift(timedelta(days=8))
    with pytest.raises(ValidationError, match="期限已于"):
        objections.raise_objection(line, by=people["unit_secretary"], words="对这一项得分有异议，请复核。")


def test_an_objection_through_the_pages(login, people):
    assessment = published(people)
    line = line_of(sheet_of(assessment), "专题会议")
    path = f"/oversight/assessment/lines/{line.pk}/object/"
    client = login("unit_secretary")
    assert client.post(path, {"words": "太低"}).status_code == 400
    sent = {"words": "第一次会议的纪要已在会前提交。", "files": [SimpleUploadedFile("纪要.pdf", acts.PDF)]}
    assert client.post(path, sent).status_code == 302
    row = Objection.objects.get()
    paper = f"/oversight/assessment/objections/papers/{row.papers.get().pk}/"
    assert client.get(paper).status_code == 200
    address = f"/oversight/assessment/objections/{row.pk}/"
    assert client.post(address, {"decision": "keep", "words": "自己不能答复自己。"}).status_code == 403
    for who in ("other_secretary", "branch", "sysadmin"):
        assert login(who).get(address).status_code == 404
        assert login(who).get(paper).status_code == 404
    client = login("secretary")
    for sent, said in (
        ({"decision": "", "words": "维持原来的得分不变。"}, "请选择维持原分或调整得分"),
        ({"decision": "adjust", "words": "纪要在期限之内。"}, "请填写调整后得分"),
        ({"decision": "keep", "points": "3", "words": "维持原来的得分不变。"}, "维持原分的不填"),
        ({"decision": "adjust", "points": "99999", "words": "纪要在期限之内。"}, "0 至 100"),
    ):
        answer = client.post(address, sent)
        assert (answer.status_code, said in answer.content.decode()) == (400, True)
    assert (
        client.post(address, {"decision": "adjust", "points": "3", "words": "纪要在期限之内提交。"}).status_code == 302
    )
    page = login("unit_secretary").get(address).content.decode()
    assert "纪要在期限之内提交" in page
    assert login("discipline").get("/oversight/assessment/objections/?state=adjusted").context["pager"].total == 1


# ── the result ───────────────────────────────────────────────────────────────────────────────


def test_the_result_waits_for_objections_and_is_frozen_by_the_secretary(people, clock):
    objection = objected(people)
    assessment = objection.line.sheet.assessment
    with pytest.raises(ValidationError, match="期满之后"):
        assessments.perform(assessment, "propose", by=people["discipline"])
    clock.shift(timedelta(days=8))
    with pytest.raises(ValidationError, match="1 件异议没有答复"):
        assessments.perform(assessment, "propose", by=people["discipline"])
    objections.answer(objection, by=people["secretary"], words="批复在期限之后作出，维持原分。")
    assessments.perform(assessment, "propose", by=people["discipline"])
    with pytest.raises(PermissionDenied, match="不能审定自己的考核结果"):
        assessments.perform(assessment, "approve", by=people["discipline"])
    assessments.perform(assessment, "send_back", by=people["secretary"], reason="会计学院再核对一次")
    assessments.perform(assessment, "propose", by=people["discipline"])
    done = assessments.perform(assessment, "approve", by=people["secretary"])
    assert (done.state, done.sha256) == ("frozen", assessments.fingerprint(done))
    assert set(done.sheets.values_list("grade", flat=True)) <= {"好", "较好", "一般", "差"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.filter(pk=done.pk).update(approved_by=done.proposed_by)


def test_what_is_frozen_is_read_only_and_a_change_shows(login, people, clock):
    done = frozen(people, clock)
    sheet = sheet_of(done)
    line = line_of(sheet, "专题会议")
    for verb in (
        lambda: self_assessed(sheet, people["unit_secretary"]),
        lambda: self_assessments.review(sheet, by=people["discipline"], typed={}),
        lambda: objections.raise_objection(line, by=people["unit_secretary"], words="审定以后再提出异议。"),
        lambda: assessments.recount(done, by=people["discipline"]),
        lambda: assessments.perform(done, "send_back", by=people["secretary"], reason="想改一改"),
    ):
        with pytest.raises(ValidationError):
            verb()
    client = login("secretary")
    path = f"/oversight/assessment/{done.pk}/"
    assert "结果与审定时一致" in client.get(path).content.decode()
    ScoreLine.objects.filter(pk=line.pk).update(final_points=Decimal("9.99"))
    assert "校验不一致" in client.get(path).content.decode()


def test_the_years_duty_of_assessment_is_done_with_the_last_result(people, clock):
    duty = acts.duty_of(cast.organisation("学校党委"), "assessment")
    leaders = published(people, "leader")
    frozen(people, clock)
    assert acts.state(duty) == "open", "the leaders are not through yet"
    assessments.perform(leaders, "propose", by=people["discipline"])
    done = assessments.perform(leaders, "approve", by=people["secretary"])
    assert acts.state(duty) == "fulfilled"
    own = sheet_for(done, people["secretary"])
    assert (own.grade, own.graded_by) == ("", None), "nobody grades himself: the higher committee does"
    with pytest.raises(IntegrityError), transaction.atomic():
        AssessmentSheet.objects.filter(pk=own.pk).update(grade="好", graded_by=people["secretary"])
    assert sheet_for(done, people["member"]).grade


def test_a_measure_in_its_influence_period_caps_the_grade(people, clock):
    recorder = admitted_to_measures(people)
    measure_on(recorder, organisation=cast.organisation(cast.OURS), kind="examination", disclosure="concealed")
    assessment = opened(people)
    ours, theirs = sheet_of(assessment), sheet_of(assessment, cast.THEIRS)
    assert line_of(ours, "问责处理").system_points == 0, "concealed counts twice"
    assert line_of(theirs, "问责处理").system_points == 4
    full = {line.item.title: line.item.points for line in ours.lines.select_related("item") if line.item.points}
    reviewed(assessment, people, but={ours.name: full, theirs.name: full})
    until = cast.TODAY + timedelta(days=3)
    assessments.perform(assessment, "publish", by=people["discipline"], objections_until=until)
    clock.shift(timedelta(days=4))
    assessments.perform(assessment, "propose", by=people["discipline"])
    done = assessments.perform(assessment, "approve", by=people["secretary"])
    ours, theirs = sheet_of(done), sheet_of(done, cast.THEIRS)
    assert (ours.final_total, ours.grade, ours.is_vetoed) == (theirs.final_total, "一般", True)
    assert (theirs.grade, theirs.is_vetoed) == ("好", False)


# ── who sees what ────────────────────────────────────────────────────────────────────────────


def statuses(login, path: str) -> dict[str, int]:
    return {who: login(who).get(path).status_code for who in ALL}


def found(statuses: dict[str, int]) -> set[str]:
    return {who for who, status in statuses.items() if status == 200}


def test_who_sees_a_units_sheet_from_opening_to_result(login, people, clock):
    assessment = opened(people)
    path = f"/oversight/assessment/sheets/{sheet_of(assessment).pk}/"
    own = SEE_ALL | {"unit_secretary", "liaison"}
    assert found(statuses(login, path)) == own
    assert found(statuses(login, path + "pdf/")) == own
    reviewed(assessment, people)
    assert found(statuses(login, path)) == own
    assessments.perform(assessment, "publish", by=people["discipline"], objections_until=cast.TODAY + timedelta(days=7))
    assert found(statuses(login, path)) == own | {"member"}, "published: the member in charge too"
    theirs = f"/oversight/assessment/sheets/{sheet_of(assessment, cast.THEIRS).pk}/"
    assert found(statuses(login, theirs)) == SEE_ALL | {"other_secretary", "other_liaison"}


def test_the_review_is_told_when_it_is_published(login, people):
    assessment = reviewed(opened(people), people, but={f"{cast.OURS}党委": {"责任落实质量": 7}})
    sheet = sheet_of(assessment)
    path = f"/oversight/assessment/sheets/{sheet.pk}/"

    def sees(who: str) -> bool:
        lines = login(who).get(path).context["seen"].lines
        return next(one for one in lines if one.item.title == "责任落实质量").human_points == 7

    assert sees("secretary")
    assert not sees("unit_secretary")
    text = "".join(
        page.extract_text()
        for page in pypdf.PdfReader(BytesIO(login("unit_secretary").get(path + "pdf/").content)).pages
    )
    assert "评议：情况属实" not in text.replace("\n", "")
    assessments.perform(assessment, "publish", by=people["discipline"], objections_until=cast.TODAY + timedelta(days=7))
    assert sees("unit_secretary")


def test_who_sees_a_leaders_sheet(login, people):
    assessment = published(people, "leader")
    path = f"/oversight/assessment/sheets/{sheet_for(assessment, people['member']).pk}/"
    assert found(statuses(login, path)) == SEE_ALL | {"member"}


def test_the_head_of_a_department_reads_its_sheet_and_leaves_the_word_to_its_secretary(login, people):
    assessment = published(people)
    client, own = login("department"), sheet_of(assessment, "财务处")
    assert client.get(f"/oversight/assessment/sheets/{own.pk}/").status_code == 200
    assert client.get("/oversight/assessment/sheets/").context["pager"].total == 1
    assert client.post(f"/oversight/assessment/sheets/{own.pk}/self/", {"act": "confirm"}).status_code == 403
    assert client.get(f"/oversight/assessment/sheets/{sheet_of(assessment).pk}/").status_code == 404


def test_the_whole_table_and_ranks_are_for_few(login, people, clock):
    done = frozen(people, clock)
    for path in (
        f"/oversight/assessment/{done.pk}/",
        f"/oversight/assessment/{done.pk}/file/",
        "/oversight/assessment/results/",
        "/oversight/assessment/results/file/",
    ):
        assert found(statuses(login, path)) == SEE_ALL, path
    page = login("unit_secretary").get("/oversight/assessment/sheets/")
    assert [one.sheet.name for one in page.context["table"]] == [f"{cast.OURS}党委"]
    assert cast.THEIRS not in login("unit_secretary").get("/oversight/assessment/").content.decode()
    assert "名次" not in page.content.decode()
    for who in (*cast.ADMINISTRATORS, "outsider", "inspector", "branch"):
        assert login(who).get("/oversight/assessment/").status_code == 403
        assert login(who).get("/oversight/assessment/sheets/").context["pager"].total == 0


def test_who_may_not_know_of_measures_sees_neither_item_nor_total(login, people):
    """The liaison reads the sheet without the restricted item; nothing on it lets him work it out."""
    recorder = admitted_to_measures(people)
    measure_on(recorder, organisation=cast.organisation(cast.OURS), kind="examination")
    sheet = sheet_of(published(people))
    line = line_of(sheet, "问责处理")
    path = f"/oversight/assessment/sheets/{sheet.pk}/"
    for who, may in (
        ("unit_secretary", True),
        ("office", True),
        ("secretary", True),
        ("discipline", True),
        ("liaison", False),
        ("member", False),
    ):
        client = login(who)
        shown = client.get(path).context["seen"]
        assert (shown.final_total is not None, shown.system_total is not None) == (may, may), who
        assert client.get(f"/oversight/assessment/lines/{line.pk}/").status_code == (200 if may else 403), who
        told = "".join(
            page.extract_text() for page in pypdf.PdfReader(BytesIO(client.get(path + "pdf/").content)).pages
        )
        assert ("问责处理 1 项" in told.replace("\n", "")) == may, who
    objection = objections.raise_objection(line, by=people["unit_secretary"], words="该项处理已在年内解除，请复核。")
    assert login("liaison").get(f"/oversight/assessment/objections/{objection.pk}/").status_code == 404
    assert login("unit_secretary").get(f"/oversight/assessment/objections/{objection.pk}/").status_code == 200


def test_a_commission_officer_who_is_not_admitted_reviews_the_rest(login, people):
    assessment = assessments.perform(opened(people), "review", by=people["discipline"])
    sheet = sheet_of(assessment)
    page = login("discipline").get(f"/oversight/assessment/sheets/{sheet.pk}/review/")
    assert [one.item.title for one in page.context["withheld"]] == ["问责处理", "主动处置"]
    restricted = line_of(sheet, "问责处理")
    self_assessments.review(
        sheet, by=fresh(people["discipline"]), typed={restricted.pk: Typed(Decimal(4), "不该由他评")}
    )
    restricted.refresh_from_db()
    assert restricted.human_points is None


# ── figures, exports, lists ──────────────────────────────────────────────────────────────────


def test_figures_count_what_their_pages_list(login, people):
    objected(people)
    client = login("discipline")
    for name, page in (("sheets_unsaid", "pager"), ("objections_open", "pager")):
        one = FIGURES[name]
        assert one.may(fresh(people["discipline"]))
        assert not one.may(fresh(people["liaison"]))
        value = one.value(fresh(people["discipline"]), cast.YEAR, cast.TODAY)
        assert value == client.get(one.url(cast.YEAR)).context[page].total > 0


def test_the_table_in_excel(login, people, clock):
    done = frozen(people, clock)
    answer = login("secretary").get(f"/oversight/assessment/{done.pk}/file/")
    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["总表", "逐项", "审定"]
    rows = list(book["总表"].iter_rows(min_row=3, values_only=True))
    assert len(rows) == 38
    ours = sheet_of(done)
    assert [row for row in rows if row[1] == ours.name][0][6:] == (float(ours.final_total), ours.grade)
    assert book["逐项"].max_row == 2 + 38 * 16
    assert done.sha256 in json.dumps(list(book["审定"].iter_rows(values_only=True)), ensure_ascii=False)


def test_lists_for_appraisal_honours_and_appointments(login, people, clock):
    recorder = admitted_to_measures(people)
    measure_on(recorder, organisation=cast.organisation(cast.OURS), kind="reorganise")
    measure_on(recorder, person=people["member"], kind="admonition", document_number="江海纪〔2026〕8号")
    frozen(people, clock)
    client = login("secretary")
    page = client.get("/oversight/assessment/results/?kind=unit")
    assert page.context["pager"].total == 38
    ours = next(result for result, _ in page.context["rows"] if result.sheet.name.startswith(cast.OURS))
    assert {"annual", "honours"} <= set(ours.barred_from)
    barred = client.get("/oversight/assessment/results/?kind=unit&purpose=annual&barred=yes")
    assert [result.sheet.pk for result, _ in barred.context["rows"]] == [ours.sheet.pk]
    rest = client.get("/oversight/assessment/results/?kind=unit&purpose=annual&barred=no")
    assert rest.context["pager"].total == 37
    book = load_workbook(
        BytesIO(client.get("/oversight/assessment/results/file/?kind=unit&purpose=annual&barred=yes").content)
    )
    assert book["名单"].max_row == 3
    assert "改组" in book["名单"]["F3"].value


@pytest.mark.parametrize(
    "query",
    [
        "?year=99999&kind=甲&grade=%00&purpose=1&barred=x&q=%00",
        "?page=9999999999999999999999",
        "?view=zzz&assessment=999999999999999999999",
    ],
)
@pytest.mark.parametrize("path", ["", "sheets/", "objections/", "results/", "results/file/"])
def test_odd_addresses_are_no_error(login, people, path, query):
    opened(people)
    assert login("discipline").get(f"/oversight/assessment/{path}{query}").status_code == 200


def test_odd_deeds_are_refused_in_words(login, people):
    assessment = opened(people)
    client = login("discipline")
    assert client.post(f"/oversight/assessment/{assessment.pk}/act/", {"act": "explode"}).status_code == 400
    assert client.post(f"/oversight/assessment/{assessment.pk}/act/", {"act": "publish"}).status_code == 400
    assert (
        client.post(f"/oversight/assessment/schemes/{assessment.scheme_id}/act/", {"act": "x\x00"}).status_code == 400
    )
    assert (
        client.post(f"/oversight/assessment/schemes/{assessment.scheme_id}/open/", {"self_due_on": "昨天"}).status_code
        == 400
    )
    assert client.post(f"/oversight/assessment/{assessment.pk}/act/", {"act": "recount"}).status_code == 302


def test_the_paper_is_official_in_form(people, clock):
    from supervision.services.assessment_sheets import paper_of, pdf_of

    done = frozen(people, clock)
    sheet = AssessmentSheet.objects.for_list().get(pk=sheet_of(done).pk)
    paper = paper_of(sheet, fresh(people["secretary"]))
    assert (paper.is_draft, paper.dated_on) == (False, done.approved_on)
    text = "".join(
        page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf_of(sheet, fresh(people["secretary"])))).pages
    )
    assert done.sha256[:16] in text.replace("\n", "")


def test_history_says_who_and_why(people, clock):
    done = frozen(people, clock)
    reasons = list(Assessment.history.filter(id=done.pk).values_list("history_change_reason", flat=True))
    assert [reason.partition("，")[0] for reason in reversed(reasons)] == [
        "启动考核",
        "启动时计分",
        "转入评议",
        "公示",
        "提请审定",
        "审定",
    ]
    line = line_of(sheet_of(done), "专题会议")
    assert ScoreLine.history.filter(id=line.pk).count() >= 4
