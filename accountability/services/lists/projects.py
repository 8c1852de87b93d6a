"""项目清单: plan with milestones, start, report, comment, reach (二（四）, 三（三）2)."""

import re
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accountability import access
from accountability import list_workflow as steps
from accountability.locking import lock_and_read
from accountability.models import (
    ActKind,
    Clause,
    Cooperation,
    Duty,
    Milestone,
    Person,
    Post,
    Project,
    Responsibility,
    Role,
    Subject,
    UnitItem,
    WorkYear,
)
from accountability.models.history import save_as
from accountability.services.duties import assign, ways_of
from accountability.services.lists.common import (
    MILESTONE_LIMIT,
    WORDS_LIMIT,
    fitting,
    locked,
    open_year,
    posts_of_role,
    tell,
)
from accountability.services.records import file_proof

# 三（三）1: the mid-year meeting asks for the progress of every project, the one at the end for its result.
HALF_YEAR_ACT, YEAR_END_ACT = "progress-meeting", "appraisal-meeting"
MILESTONE_ACT, REPORT_ACT, TASK_ACT = "milestone", "project-report", "unit-task"
MILESTONE_LINE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*[：:，,]?\s*(.+)$")
SUBJECTS = {Role.SECRETARY: Subject.SECRETARY, Role.MEMBER: Subject.MEMBER}


def read_milestones(text: str) -> list[tuple[date, str]]:
    """里程碑, one a line: 2026-06-30 完成第一轮抽查. Raises ValidationError naming every line that is not."""
    found, wrong = [], []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line:
            continue
        match = MILESTONE_LINE.match(line)
        try:
            day = date(*(int(part) for part in match.groups()[:3]))
        except (AttributeError, ValueError):
            wrong.append(f"第 {number} 行“{line[:20]}”请写成：2026-06-30 完成第一轮抽查。")
            continue
        what = match.group(4).strip()
        if len(what) > MILESTONE_LIMIT:
            wrong.append(f"第 {number} 行的内容有 {len(what)} 个字，最多 {MILESTONE_LIMIT} 个字，请精简。")
            continue
        found.append((day, what))
    if wrong:
        raise ValidationError({"milestones": wrong})
    return found


@transaction.atomic
def plan_project(
    *,
    by: Person,
    responsibility: Responsibility,
    title: str,
    goal: str,
    measures: str,
    milestones: str,
    project: Project | None = None,
) -> Project:
    """制定项目, or change it before it runs, by the owner of the responsibility he has claimed."""
    responsibility = locked(responsibility)
    if responsibility.owner_id not in access.posts_of(by):
        raise PermissionDenied(f"项目由{responsibility.owner.full_title}制定。")
    if responsibility.state != Responsibility.State.CLAIMED:
        raise ValidationError("请先认领责任，再制定项目。")
    year = open_year(responsibility.work_year_id)
    days = read_milestones(milestones)
    for day, what in days:
        if not date(year.year, 1, 1) <= day <= date(year.year + 1, 3, 31):
            raise ValidationError({"milestones": f"“{what}”的日期 {day} 不在 {year.year} 工作年度内。"})
    if project is None:
        project = Project(responsibility=responsibility, made_by=by, made_at=timezone.now())
    elif locked(project).state != Project.State.DRAFT:
        raise ValidationError("项目已经开始实施，不能再改；可以报进展。")
    project.title, project.goal, project.measures = title, goal, measures
    project.full_clean()
    save_as(project, by=by, reason="制定项目")
    for old in project.milestones.all():
        old._history_user, old._change_reason = by, "重定里程碑"
        old.delete()
    for day, what in days:
        save_as(Milestone(project=project, title=what, due_on=day), by=by, reason="定里程碑")
    return project


@transaction.atomic
def advance(project: Project, name: str, *, by: Person, words: str = "") -> Project:
    """开始实施、报半年进展、报年终结果、点评."""
    transition = steps.PROJECT_TRANSITIONS[name]
    project = lock_and_read(
        Project.objects.select_related("responsibility__owner__organisation__parent", "responsibility__organisation"),
        project.pk,
    )
    words = fitting(transition.checked(project, by=by, reason=words), WORDS_LIMIT)
    open_year(project.responsibility.work_year_id)
    today = timezone.localdate()
    if name == "start":
        _start(project, by=by)
    elif name == "half_year":
        project.half_year_note, project.half_year_on = words, today
        _report(project, project.half_year_duty, words, by=by)
    elif name == "report":
        project.result, project.result_by, project.result_on = words, by, today
        _report(project, project.result_duty, words, by=by)
        tell(posts_of_role(Role.SECRETARY), by, "待点评：责任项目", project)
    else:
        project.comment, project.commented_by, project.commented_on = words, by, today
        tell([project.responsibility.owner], by, "书记已点评：责任项目", project)
    project.state = transition.target
    project.full_clean()
    save_as(project, by=by, reason=f"{transition.label}：{words}"[:500] if words else transition.label)
    return project


def _start(project: Project, *, by: Person) -> None:
    """里程碑 become duties: lights, reminders and the hand-over read them like all others."""
    milestones = list(project.milestones.all())
    if not milestones:
        raise ValidationError("项目还没有里程碑，请先写明每一步的完成日期。")
    for milestone in milestones:
        title, due_on = f"{project.title}：{milestone.title}", milestone.due_on
        milestone.duty = _owe(project, title, due_on, project.goal, by=by)
        save_as(milestone, by=by, reason="里程碑列入台账")
    year, today = project.responsibility.work_year_id, timezone.localdate()
    half_year, year_end = day_of(HALF_YEAR_ACT, year), day_of(YEAR_END_ACT, year)
    if today <= half_year:  # what begins later has no first half to report on
        project.half_year_duty = _owe(project, f"{project.title}：半年进展", half_year, "写明进度和问题", by=by)
    project.result_duty = _owe(project, f"{project.title}：年终结果", max(year_end, today), "对照目标写明结果", by=by)


def day_of(act: str, year: int) -> date:
    """The day of that meeting in the year's ledger; without one, the last day of the half-year or the year."""
    held = Duty.objects.of_year(year).owed().filter(obligation__acts__code=act, bearer_post=None)
    day = held.order_by("due_on").values_list("due_on", flat=True).first()
    return day or (date(year, 6, 30) if act == HALF_YEAR_ACT else date(year, 12, 31))


def _owe(project: Project, title: str, due_on: date, requirement: str, *, by: Person) -> Duty:
    """A day of the project, owed by its owner in person; the unit that leads helps, and so sees it."""
    responsibility = project.responsibility
    owner = responsibility.owner
    duty = assign(
        title=title[:120],
        organisation=owner.organisation,
        bearer_post=owner,
        owner=owner,
        work_year=responsibility.work_year_id,
        due_on=due_on,
        subject=SUBJECTS.get(owner.role, ""),
        clause=_clause(responsibility.work_year_id),
        requirement=requirement[:200],
        by=by,
    )
    if responsibility.organisation_id != owner.organisation_id:
        save_as(Cooperation(duty=duty, organisation=responsibility.organisation), by=by, reason="牵头单位协同")
    return duty


def _report(project: Project, duty: Duty | None, words: str, *, by: Person) -> None:
    """半年进展 and 年终结果 are records that count for their day."""
    if duty is None or not duty.is_open:
        return
    owner = project.responsibility.owner
    file_proof(
        by=by,
        organisation=owner.organisation,
        post=owner,
        act=ActKind.objects.get(code=REPORT_ACT),
        work_year=duty.work_year_id,
        title=duty.title,
        content=words,
        duties=[duty],
    )


def _clause(year: int) -> Clause | None:
    regulation = WorkYear.objects.get(pk=year).regulation_id
    return Clause.objects.filter(regulation=regulation, key="2.1").first()


@ways_of
def acts_of(duty: Duty) -> list[str]:
    """以何种方式完成: a milestone and a unit's task are filed; progress and result are written on the project's page."""
    if Milestone.objects.filter(duty=duty).exists():
        return [MILESTONE_ACT]
    return [TASK_ACT] if UnitItem.objects.filter(duty=duty).exists() else []


def project_of(duty: Duty, user: Person) -> Project | None:
    """The project this duty is a day of, if ``user`` sees it."""
    if duty.obligation_id is not None:
        return None
    days = Q(milestones__duty=duty) | Q(half_year_duty=duty) | Q(result_duty=duty)
    return Project.objects.visible_to(user).filter(days).first()


@transaction.atomic
def reach(milestone: Milestone, *, by: Person, words: str) -> Milestone:
    """完成里程碑 with a few words of proof: filed as a record that counts for its duty."""
    milestone = Milestone.objects.select_related("project__responsibility__owner__organisation", "duty").get(
        pk=milestone.pk
    )
    owner = milestone.project.responsibility.owner
    if owner.pk not in access.posts_of(by):
        raise PermissionDenied(f"里程碑由{owner.full_title}报完成。")
    words = fitting(words.strip(), WORDS_LIMIT)
    if len(words) < 4:
        raise ValidationError({"words": "请写明怎样完成的，至少 4 个字。"})
    duty = Duty.objects.select_for_update().filter(pk=milestone.duty_id).first()  # two at once: one proof
    if duty is None or not duty.is_open:
        raise ValidationError("这个里程碑不在办理中，可能刚刚已报完成。")
    file_proof(
        by=by,
        organisation=owner.organisation,
        post=owner,
        act=ActKind.objects.get(code=MILESTONE_ACT),
        work_year=duty.work_year_id,
        title=duty.title,
        content=words,
        duties=[duty],
    )
    return milestone


def projects_of(post: Post, year: int) -> list[Project]:
    """本人认领的项目, for the 责任项目书."""
    rows = Project.objects.filter(responsibility__owner=post, responsibility__work_year=year)
    return list(rows.prefetch_related("milestones__duty"))
