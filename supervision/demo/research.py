"""调研督查的演示: the leaders' visits with the units they were to, signs of every source, a topic concluded and one running,
requirements answered, waiting, sent back and late, rules that came out (三（四）3)."""

from collections.abc import Callable
from datetime import date
from random import Random

from accountability.models import Organisation, Portfolio, Record, Role
from accountability.models.history import create_with_history
from inspections.models import Reply, Requirement, Rule, Sign, Topic, Visit, VisitUnit
from inspections.services import replies, requirements, rules, signs, topics, visits
from supervision.demo import files
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.clock import moment, standing_at
from supervision.demo.deeds import signed
from supervision.demo.people import commission_head, holder_at, person_of, unit_named

YEAR = 2026
# 没有分管和联系单位的校领导 go where the committee sends them.
SENT_TO = {"分管校友副校长": "体育部", "党委书记": "马克思主义学院"}
PLACES = ("学院会议室", "师生服务大厅", "实验中心", "办公楼二楼会议室", "教工之家")
FOUND = (
    "会议记录有事后补写的情况，个别议题没有写明不同意见。",
    "低值易耗品领用登记不全，年中没有盘点。",
    "劳务费发放表缺少经办人签字，审核流于形式。",
    "",
)
ASKED = (
    "对照责任清单逐项自查，年底前把薄弱环节补上。",
    "健全登记和盘点制度，明确责任人。",
    "严格审核签字，每月由负责人抽查一次。",
)
PROMISED = ("协调财务处到单位讲解报销规定。", "", "协调资产处派人指导盘点。", "", "")
TITLE = "设备采购验收与使用脱节问题"
RUNNING = "劳务费发放审核不严问题"
SIGNS = (
    # 单位, 来源, 类别, 日期, 表现, 录入账号
    (OUR_COLLEGE, "finance", "purchase", date(2026, 9, 3), "三台实验设备验收后半年没有启用，保管责任不明确。", "department"),
    ("金融管理学院", "audit", "purchase", date(2026, 9, 8), "两批电脑验收单与到货日期不一致，验收人签字补写。", "discipline"),
    ("统计与信息学院", "daily", "purchase", date(2026, 9, 10), "服务器采购后长期存放仓库，未登记使用单位。", "discipline"),
    ("工商管理学院", "inspection", "assets", date(2026, 9, 14), "实训室闲置资产没有调剂，仍申请购置同类设备。", "discipline"),
    ("外国语学院", "finance", "money", date(2026, 10, 12), "劳务费发放表附件不全，课时数前后不一致。", "department"),
    ("公共管理学院", "audit", "money", date(2026, 10, 15), "校外专家咨询费标准执行不一，缺少成果说明。", "discipline"),
    ("国际教育学院", "public", "money", date(2026, 10, 21), "师生反映活动经费公示不及时，明细不清楚。", "office"),
    ("体育部", "daily", "conduct", date(2026, 10, 27), "考勤登记由一人代签，检查时补签较多。", "discipline"),
    ("法学院", "petition", "staff", date(2026, 11, 4), "评优过程公开不够，反映集中在公示环节。", "discipline"),
    ("继续教育学院", "press", "admission", date(2026, 11, 9), "招生宣传用语不规范，网上有咨询和质疑。", "office"),
)  # fmt: skip


def lay(until: date) -> None:
    """Everything whose day has come by ``until``."""
    _name_units()
    scenes: list[tuple[date, Callable[[], object]]] = [
        *((facts[3], lambda facts=facts: _sign(*facts)) for facts in SIGNS),
        (date(2026, 9, 15), _plan),
        (date(2026, 10, 9), _conclude),
        (date(2026, 10, 12), _require),
        (date(2026, 10, 28), _answer),
        (date(2026, 10, 29), _plan_another),
        (date(2026, 10, 30), _accept_and_send_back),
        (date(2026, 11, 5), _spread),
        (date(2026, 11, 10), _rules),
        (date(2026, 11, 11), _settle),
        (date(2026, 11, 16), _member_visits),
    ]
    for day, scene in sorted(scenes, key=lambda pair: pair[0]):
        if day <= until:
            with standing_at(moment(day, 15, 10)):
                scene()


def _name_units() -> None:
    """The visits of both years as the leaders' records have them: each was to a unit of the portfolio, in turn."""
    chance = Random(YEAR)  # noqa: S311 — a story, not a secret
    records = list(
        Record.objects.filter(act__code=visits.ACT).select_related("post", "entered_by").order_by("entered_at", "pk")
    )
    units = _portfolios()
    made, named = [], []
    for position, record in enumerate(records):
        visit = Visit(
            record=record,
            place=PLACES[position % len(PLACES)],
            companions="党委办公室、纪委办公室各 1 人",
            found=chance.choice(FOUND),
            asked=chance.choice(ASKED),
            promised=chance.choice(PROMISED),
        )
        made.append(signed(visit, record.entered_by, record.entered_at, "登记调研督查"))
    create_with_history(made, by=None)
    for visit in made:
        record = visit.record
        theirs = units[record.post.title]
        unit = theirs[record.work_year_id % len(theirs)]
        row = VisitUnit(visit=visit, organisation=unit)
        named.append(signed(row, record.entered_by, record.entered_at, "列为走访单位"))
    create_with_history(named, by=None)


def _portfolios() -> dict[str, list[Organisation]]:
    found: dict[str, list[Organisation]] = {title: [unit_named(name)] for title, name in SENT_TO.items()}
    for row in Portfolio.objects.select_related("post", "organisation").order_by("-kind", "organisation__rank"):
        if row.post.title not in SENT_TO:
            found.setdefault(row.post.title, []).append(row.organisation)
    return found


def _sign(unit: str, source: str, category: str, day: date, text: str, username: str) -> None:
    signs.enter_sign(
        by=person_of(username),
        organisation=unit_named(unit),
        source=source,
        category=category,
        noticed_on=day,
        text=text,
        work_year=YEAR,
    )


def _study(title: str, area: str, plan: str, due_on: date, category: str) -> Topic:
    commission = person_of("discipline")
    topic = topics.plan_topic(
        by=commission,
        work_year=YEAR,
        lead=commission,
        team=[holder_at("审计处", Role.DEPARTMENT)],
        title=title,
        key_area=area,
        plan=plan,
        due_on=due_on,
    )
    topics.collect(topic, Sign.objects.filter(category__in=category.split()), by=commission)
    return topics.perform(topic, "begin", by=commission)


def _plan() -> None:
    plan = "抽查四个学院近两年设备采购合同和验收单；现场核对启用情况；与保管人员、资产管理人员谈话。"
    _study(TITLE, "物资采购", plan, date(2026, 10, 15), "purchase assets")


def _conclude() -> None:
    commission = person_of("discipline")
    topic = Topic.objects.get(title=TITLE)
    topics.write_findings(
        topic,
        by=commission,
        causes="采购、验收、使用分属三个环节，谁也不对闲置负责；验收单只写到货，不写启用期限；闲置资产没有调剂平台。",
        advice="修订采购验收办法，把启用期限和责任人写进验收单；建立闲置资产调剂清单；每半年抽查一次。",
    )
    topics.perform(topic, "propose", by=commission)
    topics.perform(topic, "conclude", by=commission_head())


def _plan_another() -> None:
    plan = "核对劳务费发放表、课时记录和审批单；了解学院审核分工；汇总各类监督反映的同类问题。"
    _study(RUNNING, "财务管理", plan, date(2026, 12, 15), "money")


ASKED_UNITS = (OUR_COLLEGE, "金融管理学院", "统计与信息学院", "工商管理学院")


def _require() -> None:
    requirements.require(
        Topic.objects.get(title=TITLE),
        by=person_of("discipline"),
        units=[unit_named(name) for name in ASKED_UNITS],
        title="开展设备采购验收和使用情况自查",
        text="逐台核对近三年单价一万元以上设备的验收、登记和启用情况；写明闲置设备的责任人、原因和处理结果，附自查表。",
        due_on=date(2026, 10, 30),
    )


def _reply(unit: str) -> Reply:
    return Reply.objects.select_related("organisation").get(requirement__repeats=None, organisation__name=unit)


def _answer() -> None:
    """Three of the four answer in time; 工商管理学院 does not."""
    for unit, text in (
        ("金融管理学院", "核对设备四十六台，两批电脑的验收单已由经手人书面说明并重新核验，闲置三台已调剂到实训室。"),
        ("统计与信息学院", "服务器已移交使用单位并登记，其余设备正在核对。"),
    ):
        paper = files.pdf("自查表.pdf", files.page("设备验收和使用自查表", date(2026, 10, 27), text))
        replies.answer(_reply(unit), by=holder_at(unit, Role.UNIT_SECRETARY), text=text, files=[paper])
    text = "核对设备三十二台，三台闲置设备已明确保管人，两台调剂到会计信息化实验室，一台报资产处处置。"
    replies.answer(_reply(OUR_COLLEGE), by=person_of("unit_secretary"), text=text)


def _accept_and_send_back() -> None:
    commission = person_of("discipline")
    replies.perform(_reply("金融管理学院"), "accept", by=commission)
    lacking = "没有写明其余设备核对到哪一步、由谁负责、何时完成，也没有附自查表。"
    replies.perform(_reply("统计与信息学院"), "send_back", by=commission, reason=lacking, due_on=date(2026, 12, 4))


def _spread() -> None:
    first = Requirement.objects.get(repeats=None)
    requirements.spread(
        first,
        by=person_of("discipline"),
        scope="picked",
        units=[unit_named(name) for name in ("外国语学院", "公共管理学院", "法学院")],
        title=first.title,
        text=first.text,
        due_on=date(2026, 12, 11),
    )


def _rules() -> None:
    first, topic = Requirement.objects.get(repeats=None), Topic.objects.get(title=TITLE)
    unit_rule = {"requirement": first, "summary": "验收与启用脱节，保管责任不明确。"}
    school_rule = {"topic": topic, "summary": "采购、验收、使用各管一段，闲置无人负责。"}
    for unit, title, number, status, more in (
        ("金融管理学院", "金融管理学院设备验收与启用管理办法", "金院发〔2026〕15号", "new", unit_rule),
        (OUR_COLLEGE, "会计学院实验设备保管责任规定", "会院发〔2026〕11号", "amended", unit_rule),
        ("国有资产管理处", "闲置资产调剂使用办法", "校资〔2026〕21号", "new", school_rule),
        ("招投标办公室", "采购合同履约验收管理办法", "校招〔2026〕9号", "amended", school_rule),
    ):
        rules.register(
            by=person_of("discipline"),
            organisation=unit_named(unit),
            title=title,
            document_number=number,
            status=Rule.Status(status),
            in_force_on=date(2026, 11, 9),
            **more,
        )
    rules.register(
        by=person_of("discipline"),
        organisation=unit_named("国有资产管理处"),
        title="设备验收单填写说明（2018年）",
        document_number="校资〔2018〕4号",
        status=Rule.Status.REPEALED,
        in_force_on=date(2018, 4, 2),
        repealed_on=date(2026, 11, 9),
        **school_rule,
    )


def _settle() -> None:
    sign = Sign.objects.get(organisation__name="体育部")
    signs.perform(sign, "settle", by=person_of("discipline"), reason="已对单位负责人提醒谈话，考勤改为现场签到。")


def _member_visits() -> None:
    """The member our accounts know goes to his college again, and notices something."""
    member = person_of("member")
    post = member.tenures.get(ended_on=None).post
    college = unit_named(OUR_COLLEGE)
    visit = visits.record_visit(
        by=member,
        post=post,
        units=[college],
        work_year=YEAR,
        happened_on=date(2026, 11, 16),
        place="会计信息化实验室",
        learned="看实验室和设备台账，与系主任、实验员座谈；经费报销总体规范，设备启用有改进。",
        found="新购软件授权到期前没有续用评估。",
        asked="建立软件授权到期提醒，由学院办公室负责。",
        promised="协调信息化办公室提供正版软件共享目录。",
    )
    signs.enter_sign(
        by=member,
        organisation=college,
        source="visit",
        category="assets",
        noticed_on=date(2026, 11, 16),
        text="软件授权到期前没有评估使用情况，存在重复购置的可能。",
        work_year=YEAR,
        visit=visit,
    )
