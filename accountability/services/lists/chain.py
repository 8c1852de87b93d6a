"""三张清单的链: problem, responsibility, project, and where a link is missing; archived as lists of the school (三（三）2)."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accountability import access
from accountability.models import (
    ActKind,
    Milestone,
    Organisation,
    Person,
    Problem,
    Project,
    Responsibility,
)
from accountability.services.records import countable_duties, file_proof

UNCLAIMED_DAYS = 7
SCHOOL_LISTS = {"problem-list": "问题清单", "responsibility-list": "责任清单", "project-list": "项目清单"}


UNCLAIMED, NO_RESPONSIBILITY, NO_PROJECT = "unclaimed", "no_responsibility", "no_project"
NO_MILESTONE, MILESTONE_LATE = "no_milestone", "milestone_late"
NO_HALF_YEAR, NO_RESULT = "no_half_year", "no_result"
BREAKS = {
    NO_RESPONSIBILITY: "没有责任",
    UNCLAIMED: "无人认领",
    NO_PROJECT: "没有项目",
    NO_MILESTONE: "项目没有里程碑",
    MILESTONE_LATE: "里程碑逾期",
    NO_HALF_YEAR: "半年未报进展",
    NO_RESULT: "年终未报结果",
}


def _words(breaks: list[str]) -> list[str]:
    return [BREAKS[name] for name in dict.fromkeys(breaks)]


@dataclass
class ProjectLink:
    project: Project
    milestones: list[Milestone]
    breaks: list[str]

    @property
    def done(self) -> int:
        return sum(each.duty is not None and each.duty.is_fulfilled for each in self.milestones)

    @property
    def words(self) -> list[str]:
        return _words(self.breaks)


@dataclass
class ResponsibilityLink:
    responsibility: Responsibility
    projects: list[ProjectLink]
    breaks: list[str]

    @property
    def words(self) -> list[str]:
        return _words(self.breaks)


@dataclass
class Chain:
    """一条链: a problem (or none, for what comes from the year's plan) with all that follows from it."""

    problem: Problem | None
    links: list[ResponsibilityLink]
    breaks: list[str]

    @property
    def organisations(self) -> list[Organisation]:
        """提出单位 and 牵头单位."""
        led = [link.responsibility.organisation for link in self.links]
        return [self.problem.origin, *led] if self.problem else led

    @property
    def texts(self) -> list[str]:
        """What a search looks through."""
        found = [self.problem.text, self.problem.origin_words] if self.problem else []
        for link in self.links:
            found += [link.responsibility.text, link.responsibility.owner.full_title]
            found += [one.project.title for one in link.projects]
        return found

    def concerns(self, user: Person) -> bool:
        """Raised, judged or answered for by this person."""
        posts = access.posts_of(user)
        problem = self.problem
        own = problem is not None and (problem.raised_by_id == user.pk or problem.leader_post_id in posts)
        return own or any(link.responsibility.owner_id in posts for link in self.links)

    @property
    def all_breaks(self) -> list[str]:
        found = [*self.breaks]
        for link in self.links:
            found += link.breaks
            for project in link.projects:
                found += project.breaks
        return found

    @property
    def words(self) -> list[str]:
        return _words(self.breaks)

    @property
    def break_words(self) -> list[str]:
        return _words(self.all_breaks)


def chains(user: Person, year: int, on: date) -> list[Chain]:
    """链条 of the year as far as ``user`` sees them: four queries, whatever their number."""
    problems = Problem.objects.visible_to(user).standing().filter(work_year=year)
    problems = problems.select_related("origin__parent", "leader_post__organisation", "raised_by")
    rows = Responsibility.objects.visible_to(user).filter(work_year=year)
    rows = rows.select_related("organisation__parent", "owner__organisation__parent")
    projects: dict[int, list[Project]] = {}
    reported = Project.objects.visible_to(user).select_related("half_year_duty", "result_duty")
    for project in reported.filter(responsibility__work_year=year):
        projects.setdefault(project.responsibility_id, []).append(project)
    milestones: dict[int, list[Milestone]] = {}
    for milestone in Milestone.objects.filter(project__responsibility__work_year=year).select_related("duty"):
        milestones.setdefault(milestone.project_id, []).append(milestone)
    links: dict[int | None, list[ResponsibilityLink]] = {}
    for row in rows:
        own = [_project_link(one, milestones.get(one.pk, []), on) for one in projects.get(row.pk, [])]
        links.setdefault(row.problem_id, []).append(ResponsibilityLink(row, own, _breaks_of(row, own, on)))
    known = list(problems)
    found = [Chain(problem, links.pop(problem.pk, []), []) for problem in known]
    for chain in found:
        if chain.problem.state == Problem.State.FIXED and not chain.links:
            chain.breaks.append(NO_RESPONSIBILITY)
    rest = [link for group in links.values() for link in group]
    return [*found, *(Chain(None, [link], []) for link in rest)]


def _breaks_of(row: Responsibility, projects: list[ProjectLink], on: date) -> list[str]:
    if row.state == Responsibility.State.DECLINED:
        return [UNCLAIMED]
    if row.state == Responsibility.State.OFFERED:
        waited = (on - timezone.localdate(row.named_at)).days
        return [UNCLAIMED] if waited > UNCLAIMED_DAYS else []
    return [] if projects else [NO_PROJECT]


def _project_link(project: Project, milestones: list[Milestone], on: date) -> ProjectLink:
    breaks = []
    if not milestones:
        breaks.append(NO_MILESTONE)
    if any(each.is_late(on) for each in milestones):
        breaks.append(MILESTONE_LATE)
    report = project.half_year_duty
    if report is not None and report.is_open and report.due_on < on:
        breaks.append(NO_HALF_YEAR)
    result = project.result_duty
    if result is not None and result.is_open and result.due_on < on:
        breaks.append(NO_RESULT)
    return ProjectLink(project, milestones, breaks)


@transaction.atomic
def archive(code: str, year: int, *, by: Person):
    """形成清单并归档: the list as it stands becomes the record that the year's duty asks for (二（一）)."""
    if not access.may_manage_duties(by):
        raise PermissionDenied("清单由党委办公室归档。")
    if code not in SCHOOL_LISTS:
        raise ValidationError("没有这种清单。")
    lines = _list_lines(code, year)
    if not lines:
        raise ValidationError(f"{SCHOOL_LISTS[code]}还是空的，不能归档。")
    _refuse_gaps(code, year, by)
    school, act = Organisation.objects.get(kind=Organisation.Kind.SCHOOL), ActKind.objects.get(code=code)
    if not countable_duties(school, act, year):
        raise ValidationError(f"{year} 年度{SCHOOL_LISTS[code]}已经归档。")
    content = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))[:20_000]
    return file_proof(
        by=by, organisation=school, act=act, work_year=year, title=f"{year}年度{SCHOOL_LISTS[code]}", content=content
    )


# What a list must not leave out before it counts: every problem answered for, every responsibility with its project.
MUST_NOT = {"responsibility-list": (NO_RESPONSIBILITY,), "project-list": (NO_PROJECT, NO_MILESTONE)}


def _refuse_gaps(code: str, year: int, by: Person) -> None:
    found = [name for chain in chains(by, year, timezone.localdate()) for name in chain.all_breaks]
    gaps = [f"{BREAKS[name]} {found.count(name)} 处" for name in MUST_NOT.get(code, ()) if name in found]
    if gaps:
        raise ValidationError(f"{SCHOOL_LISTS[code]}还不完整：{'、'.join(gaps)}。请在三张清单中补齐后再归档。")


def _list_lines(code: str, year: int) -> list[str]:
    if code == "problem-list":
        rows = Problem.objects.filter(work_year=year, state=Problem.State.FIXED).select_related("origin__parent")
        return [f"{row.text}（{row.origin.full_name}，{row.origin_words}）：{row.shows}" for row in rows]
    if code == "responsibility-list":
        rows = Responsibility.objects.filter(work_year=year).select_related(
            "owner__organisation__parent", "organisation"
        )
        return [
            f"{row.text}：{row.owner.full_title}，牵头单位{row.organisation}，{row.get_state_display()}" for row in rows
        ]
    rows = Project.objects.filter(responsibility__work_year=year).select_related("responsibility__owner__organisation")
    return [f"{row.title}：目标{row.goal}，责任人{row.responsibility.owner.full_title}" for row in rows]
