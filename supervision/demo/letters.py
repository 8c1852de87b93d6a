"""文件的演示: papers of 2026 in every state an office meets: drafted, in review, returned, to sign, signed, owed an answer."""

from datetime import date

from accountability import document_workflow as flow
from accountability.models import Document, DocumentKind, Organisation, Post
from accountability.services import documents, papers, signing
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.chains import YEAR
from supervision.demo.clock import moment, standing_at
from supervision.demo.people import person_of, unit_named

REPORT = """现将会计学院2026年度履行全面从严治党责任情况报告如下。
一、责任落实情况
（一）责任分解到人。年初与系所、中心负责人签订责任书，三张清单逐条写明责任人和时限。
（二）会议按期召开。两次专题会议分别研究经费报销和研究生招生廉政风险。
二、存在的问题和原因
实验设备验收与使用脱节，三台设备验收后半年未启用。
三、下一步措施
12月10日前明确设备使用责任人，由副院长负责。"""
PROBLEM = """现将会计学院在落实全面从严治党责任中发现的问题报告如下，请予研究答复。
一、问题
学院三台实验设备验收后半年未启用，购置、验收、使用由不同部门负责，学院无法单独解决。
二、已采取的措施
已清点设备，暂停同类购置申请，并向资产部门提出书面意见。
三、请求上级研究的事项
请学校党委研究明确大型设备购置、验收、使用的责任衔接办法。"""
DEBRIEF = """根据民主生活会安排，现将本人2026年度履行“一岗双责”和廉洁自律情况报告如下。
一、履责情况
本人分管财务处，联系会计学院，全年听取汇报两次，开展廉政提醒四次。"""


def lay(until: date) -> None:
    """Everything whose day has come by ``until``."""
    scenes = (
        (date(2026, 11, 12), _problem_reported),
        (date(2026, 11, 16), _report_in_review),
        (date(2026, 11, 17), _report_returned),
        (date(2026, 11, 19), _debrief_begun),
        (date(2026, 11, 20), _committee_report_to_sign),
    )
    for day, scene in scenes:
        if day <= until:
            with standing_at(moment(day, 10, 50)):
                scene()


def _written(by: str, code: str, text: str, *, unit: str = "", post: str = "") -> Document:
    organisation = unit_named(unit) if unit else Organisation.objects.get(kind="school")
    document = documents.make(
        by=person_of(by),
        kind=DocumentKind.objects.select_related("act").get(act__code=code),
        organisation=organisation,
        post=Post.objects.select_related("organisation").get(organisation=organisation, title=post) if post else None,
        work_year=YEAR,
    )
    if text:
        draft = document.draft
        documents.autosave(document, by=person_of(by), title=draft.title, text=text, revision=draft.revision)
    return document


def _problem_reported() -> None:
    """Signed and waiting for the committee's answer."""
    document = _written("liaison", "problem-report", PROBLEM, unit=OUR_COLLEGE)
    documents.perform(document, "submit", by=person_of("liaison"))
    papers.freeze_now(Document.objects.for_list().get(pk=document.pk))
    head, once = person_of("unit_secretary"), "once-for-the-demo"
    head.set_password(once)
    head.save()
    version = document.versions.first()
    signing.sign(document, by=head, password=once, sha256=version.pdf_sha256)


def _report_in_review() -> None:
    document = _written("liaison", "duty-report", REPORT, unit=OUR_COLLEGE)
    documents.perform(document, "submit", by=person_of("liaison"))
    documents.comment(document, by=person_of("discipline"), text="设备问题请写明涉及金额和责任部门。")


def _report_returned() -> None:
    unit = unit_named("金融管理学院")
    head = flow.holders(flow.head_of(unit), date(2026, 11, 17))[0].username
    document = _written(head, "duty-report", REPORT.replace(OUR_COLLEGE, "金融管理学院"), unit="金融管理学院")
    documents.perform(document, "submit", by=person_of(head))
    documents.perform(
        document, "return", by=person_of("office"), reason="存在的问题与上年度报告相同，请写明本年度新情况。"
    )


def _debrief_begun() -> None:
    _written("member", "democratic-life-report", DEBRIEF, post="分管财务副校长")


def _committee_report_to_sign() -> None:
    document = _written("office", "appraisal-letter", "", unit="")
    text = document.draft.text.replace("请在此写明评议意见。", "总体评议为较好。").replace(
        "请在此写明下一年度重点工作。", "重点抓好采购验收、科研经费和招生录用三个领域。"
    )
    documents.autosave(document, by=person_of("office"), title=document.draft.title, text=text, revision=0)
    documents.perform(document, "submit", by=person_of("office"))
    papers.freeze_now(Document.objects.for_list().get(pk=document.pk))
