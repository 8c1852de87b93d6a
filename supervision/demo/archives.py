"""廉政档案和廉洁意见的演示: archives of the cadres, some papers, openings, requests; one opinion replied, one being checked (二（二）)."""

from collections.abc import Callable
from datetime import date

from accountability.models import Person, Role
from accountability.services import jobs
from supervision.archives import cadres
from supervision.demo import files
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.clock import moment, standing_at
from supervision.demo.people import commission_head, holder_at, person_of, unit_named
from supervision.models import Archive, ArchivePaper, Opinion, PaperKind
from supervision.services import archives, openings, opinions

YEAR = 2026
# Came up late and not noticed yet: the register shows that his archive is missing.
FORGOTTEN = "校工会"
# Not updated yet: a week is left.
TO_UPDATE = 6
PAPERS = (
    # 单位, 类别, 名称, 日期, 要点
    (
        OUR_COLLEGE,
        "任前廉政谈话记录",
        "任前廉政谈话记录",
        date(2024, 9, 2),
        "就经费管理、人员聘用、个人有关事项提出三点要求。",
    ),
    (OUR_COLLEGE, "年度考核结论", "2025年度考核结论", date(2026, 1, 20), "考核等次为优秀。"),
    ("财务处", "经济责任审计结论", "任期经济责任审计结论", date(2025, 12, 5), "未发现重大问题，提出两条建议并已整改。"),
    ("财务处", "任前廉政谈话记录", "任前廉政谈话记录", date(2024, 9, 3), "就资金审批和利益回避提出要求。"),
    (
        "招投标办公室",
        "经济责任审计结论",
        "任期经济责任审计结论",
        date(2026, 3, 12),
        "提出招标文件审核建议一条，已整改。",
    ),
)
NUMBERS = (
    ("后勤保障处", "处分决定文号", "校纪〔2023〕4号", date(2023, 5, 18), "影响期已满。"),
    ("法学院", "表彰奖励", "校党〔2025〕22号优秀党务工作者", date(2025, 7, 1), ""),
)
OUTSTANDING = ("国有资产管理处", "表彰奖励", "校党〔2026〕19号先进个人", date(2026, 7, 1), "")


def lay(until: date) -> None:
    """Everything whose day has come by ``until``."""
    archives.load_paper_kinds(by=Person.objects.system())
    scenes: list[tuple[date, Callable[[], object]]] = [
        (date(2026, 3, 3), _establish),
        (date(2026, 3, 17), _file),
        (date(2026, 10, 21), _ask_to_open),
        (date(2026, 10, 22), _grant),
        (date(2026, 11, 9), _ask_about_honours),
        (date(2026, 11, 11), _check_honours),
        (date(2026, 11, 12), _approve_honours),
        (date(2026, 11, 16), _update),
        (date(2026, 11, 18), _ask_about_promotion),
        (date(2026, 11, 19), _check_first),
        (date(2026, 11, 20), _wait),
    ]
    for day, scene in scenes:
        if day <= until:
            with standing_at(moment(day, 14, 20)):
                scene()


def _cadre(unit: str) -> Person:
    return holder_at(unit, Role.UNIT_SECRETARY, Role.DEPARTMENT)


def _head_of_organisation() -> Person:
    """组织部部长."""
    return holder_at("组织部", Role.DEPARTMENT)


def _archive(unit: str) -> Archive:
    return Archive.objects.get(person=_cadre(unit))


def _establish() -> None:
    keeper, today = person_of("discipline"), date(2026, 3, 3)
    forgotten = _cadre(FORGOTTEN)
    people = cadres.without_archive(cadres.in_reach(keeper, today, YEAR)).exclude(pk=forgotten.pk)
    archives.establish(people, by=keeper)
    openings.declare(by=keeper, person=keeper, relative=_cadre("体育部"), kind="collateral")


def _opened(archive: Archive, by: Person, purpose: str, words: str) -> None:
    openings.open_archive(archive, by=by, purpose=purpose, words=words)


def _file() -> None:
    """Filed by the office of the commission, confirmed by its head."""
    keeper, head = person_of("discipline"), commission_head()
    for line in (*PAPERS, *NUMBERS):
        paper = _filed(*line, by=keeper)
        _opened(paper.archive, head, "supervision", "核对新归档的材料")
        archives.perform(paper, "confirm", by=head)


def _filed(unit: str, kind: str, title: str, day: date, words: str, *, by: Person) -> ArchivePaper:
    archive, row = _archive(unit), PaperKind.objects.get(name=kind)
    _opened(archive, by, "other", "归入任职以来的廉政材料")
    sheet = files.pdf(f"{title}.pdf", files.page(title, day, f"{archive.person.name}。{words}"))
    enclosed = [sheet] if row.needs_file else []
    return archives.file_paper(archive, by=by, kind=row, title=title, dated_on=day, words=words, files=enclosed)


def _ask_to_open() -> None:
    asker = _head_of_organisation()
    openings.ask(_archive("财务处"), by=asker, purpose="appointment", words="干部考察，了解任期审计情况")


def _grant() -> None:
    request = Archive.objects.get(person=_cadre("财务处")).requests.get()
    openings.decide(request, "grant", by=person_of("secretary"), until_on=date(2026, 10, 30), reason="仅限考察使用")
    _opened(request.archive, _head_of_organisation(), "appointment", "干部考察，了解任期审计情况")


def _asked(by: Person, unit: str, purpose: str, words: str, due_on: date, units: tuple[str, ...]) -> Opinion:
    organisation = unit_named(unit)
    people = [_cadre(name) for name in units]
    return opinions.ask(by=by, organisation=organisation, purpose=purpose, words=words, due_on=due_on, people=people)


HONOURS, PROMOTION = "2026年度优秀党务工作者推荐人选", "拟提任校领导班子成员考察对象"


def _ask_about_honours() -> None:
    units = ("会计学院", "法学院", "后勤保障处")
    _asked(person_of("office"), "党委办公室", "honours", HONOURS, date(2026, 11, 16), units)


def _check_honours() -> None:
    keeper, opinion = person_of("discipline"), Opinion.objects.get(words=HONOURS)
    for cadre in opinion.cadres.order_by("rank"):
        opinions.open_for_check(cadre, by=keeper)
        was_punished = ArchivePaper.objects.filter(person=cadre.person, kind__name="处分决定文号").exists()
        opinions.conclude(
            cadre,
            by=keeper,
            conclusion="explained" if was_punished else "none",
            statement="2023年受过党内警告处分，影响期已满。" if was_punished else "",
            notes="已查阅档案全部材料、述责述廉和责任落实情况。",
        )
    opinions.perform(opinion, "propose", by=keeper)


def _approve_honours() -> None:
    opinion = opinions.perform(Opinion.objects.get(words=HONOURS), "approve", by=commission_head())
    jobs.run(opinion.job_id)


def _update() -> None:
    """All but a few; each archive by somebody who need not keep apart."""
    keeper, head = person_of("discipline"), commission_head()
    rows = list(Archive.objects.select_related("person").order_by("pk"))
    for archive in rows[TO_UPDATE:]:
        by = keeper if Archive.objects.visible_to(keeper).filter(pk=archive.pk).exists() else head
        _opened(archive, by, "update", "2026年度档案更新")
        archives.update(archive, by=by, work_year=YEAR, words="补充本年度责任落实和整改情况，其他没有变化。")


def _ask_about_promotion() -> None:
    units = ("财务处", "招投标办公室", "金融管理学院")
    _asked(_head_of_organisation(), "组织部", "promotion", PROMOTION, date(2026, 12, 4), units)


def _check_first() -> None:
    keeper, cadre = person_of("discipline"), Opinion.objects.get(words=PROMOTION).cadres.order_by("rank").first()
    opinions.open_for_check(cadre, by=keeper)
    notes = "已查阅任期经济责任审计结论和任前谈话记录，两条审计建议均已整改。"
    opinions.conclude(cadre, by=keeper, conclusion="none", notes=notes)


def _wait() -> None:
    """What waits today: a paper to confirm, a request to decide."""
    _filed(*OUTSTANDING, by=commission_head())
    openings.ask(_archive("会计学院"), by=person_of("member"), purpose="supervision", words="联系学院，谈话前了解情况")
