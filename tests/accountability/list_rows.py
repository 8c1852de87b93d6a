"""三张清单 to test with: a problem, raised and fixed; a responsibility; a project."""

from datetime import UTC, date, datetime

from accountability.models import Organisation, Problem, Project, Responsibility
from accountability.services import lists
from tests import cast, letters

SPRING = datetime(2026, 3, 5, 1, tzinfo=UTC)
MILESTONES = "2026-06-30 完成第一轮抽查\n2026年12月10日：完成第二轮抽查"
ENTRIES = {
    "responsibility": [("书记负第一责任", "沈若愚", None)],
    "task": [("开展师德警示教育", "副书记", date(2026, 12, 5)), ("梳理风险点", "", None)],
    "rule": [("会计学院采购管理办法", "", date(2026, 5, 1))],
}


def school() -> Organisation:
    return cast.organisation("学校党委")


def raised(people, **fields) -> Problem:
    values = {
        "by": people["department"],
        "origin": cast.organisation("财务处"),
        "work_year": cast.YEAR,
        "source": "department",
        "origin_words": "一季度内控检查",
        "text": "采购验收不严",
        "shows": "抽查三十份合同，七份缺少双人签字。",
    } | fields
    return lists.raise_problem(**values)


def fixed(people, **fields) -> Problem:
    problem = raised(people, **fields)
    lists.handle_problem(problem, "judge", by=people["member"], words="属实，应列入年度清单")
    lists.handle_problem(problem, "judge", by=people["discipline"], words="同意列入，建议专项督查")
    return lists.handle_problem(problem, "fix", by=people["office"], words="3月5日常委会审定")


def named(people, **fields) -> Responsibility:
    values = {
        "by": people["office"],
        "work_year": cast.YEAR,
        "text": "健全采购验收制度并督促落实",
        "organisation": cast.organisation("财务处"),
        "owner": letters.post_of(people["member"]),
    } | fields
    return lists.name_responsibility(**values)


def planned(people, milestones: str = MILESTONES) -> Project:
    row = lists.answer_offer(named(people, problem=fixed(people)), "claim", by=people["member"])
    return lists.plan_project(
        by=people["member"],
        responsibility=row,
        title="采购验收专项整治",
        goal="双人签字率 100%",
        measures="每季度抽查三十份合同\n修订验收办法",
        milestones=milestones,
    )


def breaks(user) -> list[str]:
    return sorted(name for chain in lists.chains(user, cast.YEAR, cast.TODAY) for name in chain.all_breaks)
