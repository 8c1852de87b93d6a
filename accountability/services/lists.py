"""三张清单: raise, judge, fix; name, claim; plan, start, report, comment; and the units' own lists (二（一）, 三（三）2)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accountability import access
from accountability import document_workflow as flow
from accountability import list_workflow as steps
from accountability.locking import lock_and_read
from accountability.models import (
    ActKind,
    Clause,
    Cooperation,
    Duty,
    Milestone,
    Notice,
    Organisation,
    Person,
    Portfolio,
    Post,
    Problem,
    Project,
    Responsibility,
    Role,
    Subject,
    UnitItem,
    UnitList,
    WorkYear,
)
from accountability.models.history import save_as
from accountability.services.duties import assign, ways_of
from accountability.services.notices import notify
from accountability.services.records import countable_duties, file_proof, may_file

UNCLAIMED_DAYS = 7
# 三（三）1: the mid-year meeting asks for the progress of every project, the one at the end for its result.
HALF_YEAR_ACT, YEAR_END_ACT = "progress-meeting", "appraisal-meeting"
MILESTONE_ACT, REPORT_ACT, TASK_ACT = "milestone", "project-report", "unit-task"
OPINION_LIMIT, WORDS_LIMIT, SHOWS_LIMIT, MILESTONE_LIMIT = 300, 1000, 2000, 100
MILESTONE_LINE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*[：:，,]?\s*(.+)$")
SUBJECTS = {Role.SECRETARY: Subject.SECRETARY, Role.MEMBER: Subject.MEMBER}
SCHOOL_LISTS = {"problem-list": "问题清单", "responsibility-list": "责任清单", "project-list": "项目清单"}
UNIT_ACTS = {
    UnitItem.Kind.RESPONSIBILITY: "responsibility-list",
    UnitItem.Kind.TASK: "task-list",
    UnitItem.Kind.RULE: "rule-list",
}


def _open_year(year: int) -> WorkYear:
    row = WorkYear.objects.filter(year=year).first()
    if row is None or row.is_closed:
        raise ValidationError(f"{year} 工作年度{'尚未开启' if row is None else '已封存'}，清单不能改动。")
    return row


def _tell(posts: Sequence[Post | None], by: Person, title: str, row) -> None:
    today = timezone.localdate()
    people = [person for post in posts for person in flow.holders(post, today) if person.pk != by.pk]
    notify(people, kind=Notice.Kind.TO_CONFIRM, title=title, body=str(row), url=address(row))


def address(row) -> str:
    return reverse(type(row).__name__.lower(), args=[row.pk])


def _fitting(words: str, limit: int, what: str = "这段话") -> str:
    """Nothing typed is cut off: what is too long goes back to its author."""
    if len(words) > limit:
        raise ValidationError(f"{what}最多 {limit} 个字，现在有 {len(words)} 个字，请精简后再提交。")
    return words


def _posts(role: str) -> list[Post]:
    return list(Post.objects.filter(role=role, abolished_on=None))


def _locked(row):
    return type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)


# ── problems ─────────────────────────────────────────────────────────────────────────────────


def may_raise(user: Person, organisation: Organisation) -> bool:
    return may_file(user, organisation)


def leader_in_charge(origin: Organisation, on: date) -> Post | None:
    """分管或联系该单位的校领导, of a branch its unit's; nobody when it is in no portfolio (二（四）)."""
    unit = origin.parent if origin.kind == Organisation.Kind.BRANCH else origin
    portfolios = Portfolio.objects.in_force(on).filter(organisation=unit, post__abolished_on=None)
    found = portfolios.order_by("kind", "post__rank", "pk").select_related("post__organisation").first()
    return found.post if found else None


@transaction.atomic
def raise_problem(
    *,
    by: Person,
    origin: Organisation,
    work_year: int,
    source: str,
    origin_words: str,
    text: str,
    shows: str,
    leader_post: Post | None = None,
    record=None,
) -> Problem:
    """提出问题 by a department or from a meeting; the leader in charge and the commission are asked to judge it."""
    if not may_raise(by, origin):
        raise PermissionDenied(f"您不能代表{origin.full_name}提出问题。")
    leader_post = leader_post or leader_in_charge(origin, timezone.localdate())
    if leader_post is None:
        raise ValidationError({"leader_post": "没有分管或联系该单位的校领导，请选择研判的校领导。"})
    problem = Problem(
        work_year=_open_year(work_year),
        source=source,
        origin=origin,
        origin_words=origin_words,
        record=record,
        text=text,
        shows=shows,
        leader_post=leader_post,
        raised_by=by,
        raised_at=timezone.now(),
    )
    problem.full_clean()
    save_as(problem, by=by, reason="提出问题")
    _tell([leader_post, *_posts(Role.DISCIPLINE)], by, "待研判：问题清单", problem)
    return problem


@transaction.atomic
def handle_problem(problem: Problem, name: str, *, by: Person, words: str) -> Problem:
    """研判、列入、退回、再提出、撤回."""
    transition = steps.PROBLEM_TRANSITIONS[name]
    problem = _locked(problem)
    words = _fitting(transition.checked(problem, by=by, reason=words), OPINION_LIMIT)
    _open_year(problem.work_year_id)
    if name == "judge":
        _judge(problem, by, words)
    elif name == "fix":
        problem.decision, problem.fixed_by, problem.fixed_on = words, by, timezone.localdate()
    elif name == "return":
        problem.returned_reason = words
        problem.leader_opinion = problem.commission_opinion = ""
        problem.leader_by = problem.commission_by = None
    elif name == "resubmit":
        problem.shows = _fitting(f"{problem.shows}\n补充：{words}", SHOWS_LIMIT, "具体表现连同补充")
        problem.returned_reason = ""
    if name != "judge" or (problem.leader_by_id and problem.commission_by_id):
        problem.state = transition.target
    problem.full_clean()
    save_as(problem, by=by, reason=f"{transition.label}：{words}")
    if problem.state == Problem.State.JUDGED:
        _tell(_posts(Role.OFFICE), by, "两方意见已齐，待党委审定", problem)
    elif name in ("return", "fix"):
        _tell_author(problem, by)
    return problem


def _tell_author(problem: Problem, by: Person) -> None:
    if problem.raised_by_id != by.pk:
        kind = Notice.Kind.ACCEPTED if problem.state == Problem.State.FIXED else Notice.Kind.RETURNED
        title = f"{problem.get_state_display()}：{problem.text}"
        body = problem.decision or problem.returned_reason
        notify([problem.raised_by], kind=kind, title=title, body=body, url=address(problem))


def _judge(problem: Problem, by: Person, words: str) -> None:
    if steps.side_of(by, problem) == "leader":
        problem.leader_opinion, problem.leader_by = words, by
    else:
        problem.commission_opinion, problem.commission_by = words, by


# ── responsibilities ─────────────────────────────────────────────────────────────────────────


@transaction.atomic
def name_responsibility(
    *, by: Person, work_year: int, text: str, organisation: Organisation, owner: Post, problem: Problem | None = None
) -> Responsibility:
    """确定责任 for a problem on the list, or from the year's plan; its owner is asked to claim it."""
    if not access.may_manage_duties(by):
        raise PermissionDenied("责任清单由党委办公室登记。")
    if problem is not None and problem.state != Problem.State.FIXED:
        raise ValidationError("问题列入清单之后才能确定责任。")
    row = Responsibility(
        problem=problem,
        work_year=_open_year(work_year),
        text=text,
        organisation=organisation,
        owner=owner,
        named_by=by,
        named_at=timezone.now(),
    )
    row.full_clean()
    save_as(row, by=by, reason="确定责任")
    _tell([owner], by, "待认领：责任清单", row)
    return row


@transaction.atomic
def answer_offer(row: Responsibility, name: str, *, by: Person, words: str = "") -> Responsibility:
    """认领 or 退回重定, by the holder of the post himself."""
    transition = steps.RESPONSIBILITY_TRANSITIONS[name]
    row = _locked(row)
    words = _fitting(transition.checked(row, by=by, reason=words), OPINION_LIMIT)
    _open_year(row.work_year_id)
    row.state = transition.target
    if name == "claim":
        row.claimed_by, row.claimed_at = by, timezone.now()
    else:
        row.declined_reason = words
        _tell(_posts(Role.OFFICE), by, "责任被退回，请另行确定", row)
    save_as(row, by=by, reason=f"{transition.label}：{words}" if words else transition.label)
    return row


@transaction.atomic
def name_another(
    row: Responsibility, *, by: Person, owner: Post, organisation: Organisation | None = None
) -> Responsibility:
    """另定责任人 after the first declined, or while nobody has claimed it."""
    if not access.may_manage_duties(by):
        raise PermissionDenied("责任清单由党委办公室登记。")
    row = _locked(row)
    if row.state == Responsibility.State.CLAIMED:
        raise ValidationError("责任已经认领，不能另定责任人。")
    if row.state == Responsibility.State.DECLINED and owner.pk == row.owner_id:
        raise ValidationError({"owner": f"{owner.full_title}已经退回这项责任，请另定一人。"})
    _open_year(row.work_year_id)
    row.owner, row.organisation = owner, organisation or row.organisation
    row.state, row.named_by, row.named_at = Responsibility.State.OFFERED, by, timezone.now()
    row.declined_reason = ""
    row.full_clean()
    save_as(row, by=by, reason="另定责任人")
    _tell([owner], by, "待认领：责任清单", row)
    return row


# ── projects ─────────────────────────────────────────────────────────────────────────────────


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
    responsibility = _locked(responsibility)
    if responsibility.owner_id not in access.posts_of(by):
        raise PermissionDenied(f"项目由{responsibility.owner.full_title}制定。")
    if responsibility.state != Responsibility.State.CLAIMED:
        raise ValidationError("请先认领责任，再制定项目。")
    year = _open_year(responsibility.work_year_id)
    days = read_milestones(milestones)
    for day, what in days:
        if not date(year.year, 1, 1) <= day <= date(year.year + 1, 3, 31):
            raise ValidationError({"milestones": f"“{what}”的日期 {day} 不在 {year.year} 工作年度内。"})
    if project is None:
        project = Project(responsibility=responsibility, made_by=by, made_at=timezone.now())
    elif _locked(project).state != Project.State.DRAFT:
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
    words = _fitting(transition.checked(project, by=by, reason=words), WORDS_LIMIT)
    _open_year(project.responsibility.work_year_id)
    today = timezone.localdate()
    if name == "start":
        _start(project, by=by)
    elif name == "half_year":
        project.half_year_note, project.half_year_on = words, today
        _report(project, project.half_year_duty, words, by=by)
    elif name == "report":
        project.result, project.result_by, project.result_on = words, by, today
        _report(project, project.result_duty, words, by=by)
        _tell(_posts(Role.SECRETARY), by, "待点评：责任项目", project)
    else:
        project.comment, project.commented_by, project.commented_on = words, by, today
        _tell([project.responsibility.owner], by, "书记已点评：责任项目", project)
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
    words = _fitting(words.strip(), WORDS_LIMIT)
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


# ── the chain, and where it is broken ────────────────────────────────────────────────────────

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


# ── the lists of a unit ──────────────────────────────────────────────────────────────────────


def unit_list_of(organisation: Organisation, year: int) -> UnitList | None:
    return UnitList.objects.filter(organisation=organisation, work_year=year).first()


@transaction.atomic
def write_unit_list(
    organisation: Organisation, year: int, *, by: Person, entries: dict[str, list[tuple[str, str, date | None]]]
) -> UnitList:
    """填写单位清单: per list (text, who, day) in order, of a rule (name, number, day in force); before it is confirmed."""
    if not may_file(by, organisation):
        raise PermissionDenied("清单由本单位联络员或党组织书记填写。")
    work_year = _open_year(year)
    for _, __, day in entries.get(UnitItem.Kind.TASK, ()):
        if day and not date(year, 1, 1) <= day <= date(year + 1, 3, 31):
            raise ValidationError({"task": f"日期 {day} 不在 {year} 工作年度内，任务须在 {year + 1}-03-31 前完成。"})
    row = _list_to_write(organisation, work_year, by=by)
    owed = {}  # a task of a list that was opened again keeps the duty it became
    for old in row.items.select_related("duty"):
        if old.duty and old.duty.state != Duty.State.WAIVED:
            owed[old.text] = old.duty
        old._history_user, old._change_reason = by, "修改清单"
        old.delete()
    for kind, lines in entries.items():
        for rank, (text, words, due_on) in enumerate(lines, 1):
            said = {"number": words} if kind == UnitItem.Kind.RULE else {"owner_words": words}
            duty = owed.pop(text, None) if kind == UnitItem.Kind.TASK else None
            item = UnitItem(unit_list=row, kind=kind, rank=rank, text=text, due_on=due_on, duty=duty, **said)
            item.full_clean()
            save_as(item, by=by, reason="修改清单")
    return row


@transaction.atomic
def confirm_unit_list(row: UnitList, *, by: Person) -> UnitList:
    """确认 by the unit's secretary: counts for the three lists the unit owes; tasks with a day become duties."""
    row = lock_and_read(UnitList.objects.select_related("organisation__parent"), row.pk)
    if not access.may(by, "confirm_record", row.organisation):
        raise PermissionDenied("清单由本单位党组织书记确认。")
    if row.is_confirmed:
        raise ValidationError(f"清单已由{row.confirmed_by}确认。")
    _open_year(row.work_year_id)
    items = list(row.items.all())
    missing = [label for kind, label in UnitItem.Kind.choices if not any(item.kind == kind for item in items)]
    if missing:
        raise ValidationError(f"{'、'.join(missing)}还是空的，三张清单都填好后再确认。")
    row.state, row.confirmed_by, row.confirmed_at = UnitList.State.CONFIRMED, by, timezone.now()
    save_as(row, by=by, reason="确认清单")
    for kind, code in UNIT_ACTS.items():
        _prove_unit_list(row, code, [item for item in items if item.kind == kind], by=by)
    tasks = [item for item in items if item.kind == UnitItem.Kind.TASK]
    _drop_tasks(row, {item.duty_id for item in tasks if item.due_on}, by=by)
    for item in tasks:
        if item.duty_id and item.due_on:
            _move_task(item, by=by)
    _assign_tasks(row, [item for item in tasks if item.due_on and item.duty_id is None], by=by)
    return row


def _list_to_write(organisation: Organisation, work_year: WorkYear, *, by: Person) -> UnitList:
    """The unit's list, locked; made by whoever writes the first line."""
    row = unit_list_of(organisation, work_year.pk)
    if row is None:
        row = UnitList(organisation=organisation, work_year=work_year)
        try:
            with transaction.atomic():
                save_as(row, by=by, reason="建立清单")
        except IntegrityError as error:  # the same list begun by somebody else this very moment
            raise ValidationError("本单位清单刚刚已由他人建立，请刷新后在其上修改。") from error
        return row
    row = _locked(row)
    if row.is_confirmed:
        raise ValidationError("清单已确认，不能再改；确需修改请由书记重新打开。")
    save_as(row, by=by, reason="修改清单")
    return row


def _prove_unit_list(row: UnitList, code: str, items: list[UnitItem], *, by: Person) -> None:
    act = ActKind.objects.get(code=code)
    if countable_duties(row.organisation, act, row.work_year_id):
        file_proof(
            by=by,
            organisation=row.organisation,
            act=act,
            work_year=row.work_year_id,
            title=f"{row.organisation.full_name}{row.work_year_id}年度{act.name}",
            content="\n".join(f"{item.rank}. {item.text}" for item in items),
        )


def _drop_tasks(row: UnitList, kept: set[int | None], *, by: Person) -> None:
    """Tasks taken off a list that was opened again are no longer owed."""
    ever = UnitItem.history.filter(unit_list_id=row.pk, duty_id__isnull=False).values("duty_id")
    for duty in Duty.objects.select_for_update().open().filter(pk__in=ever).exclude(pk__in=kept - {None}):
        _refuse_late(duty)
        duty.state = Duty.State.WAIVED
        save_as(duty, by=by, reason="不再要求：任务已从任务清单中删去")


def _move_task(item: UnitItem, *, by: Person) -> None:
    duty = Duty.objects.select_for_update().get(pk=item.duty_id)
    if duty.is_open and duty.due_on != item.due_on:
        _refuse_late(duty)
        duty.due_on = item.due_on
        save_as(duty, by=by, reason="调整到期日：任务清单修改了完成日期")


def _refuse_late(duty: Duty) -> None:
    """A unit cannot write itself out of what is late already."""
    if duty.due_on < timezone.localdate():
        raise ValidationError(f"任务“{duty.title}”已经逾期，不能从清单中删去或改期，请党委办公室在台账中办理。")


def _assign_tasks(row: UnitList, items: list[UnitItem], *, by: Person) -> None:
    """有日期的任务 become duties: the secretary answers, the list says who does it."""
    head = flow.head_of(row.organisation)
    for item in items if head else ():
        item.duty = assign(
            title=item.text[:120],
            organisation=row.organisation,
            owner=head,
            work_year=row.work_year_id,
            due_on=item.due_on,
            by=by,
            requirement=f"任务清单；责任人：{item.owner_words}" if item.owner_words else "任务清单",
        )
        save_as(item, by=by, reason="任务列入台账")


@transaction.atomic
def reopen_unit_list(row: UnitList, *, by: Person, reason: str) -> UnitList:
    """重新打开 with a reason; refused once the 责任书 that holds the lists is signed."""
    row = lock_and_read(UnitList.objects.select_related("organisation"), row.pk)
    if not access.may(by, "confirm_record", row.organisation):
        raise PermissionDenied("清单由本单位党组织书记重新打开。")
    if not row.is_confirmed:
        raise ValidationError("清单尚未确认，可以直接修改。")
    if letter_is_signed(row):
        raise ValidationError("责任书已经签署，清单随之冻结；确需修改请先修订责任书。")
    reason = reason.strip()
    if len(reason) < 4:
        raise ValidationError({"reason": "请写明重新打开的原因，至少 4 个字。"})
    row.state, row.confirmed_by, row.confirmed_at = UnitList.State.DRAFT, None, None
    save_as(row, by=by, reason=f"重新打开：{reason}")
    return row


def letter_is_signed(row: UnitList) -> bool:
    letters = row.organisation.documents.filter(work_year=row.work_year_id, kind__signing="leader,head")
    return letters.filter(state="signed").exists()


def three_lists(organisation: Organisation, year: int) -> dict[str, list[UnitItem]]:
    """三张清单的条目, for the 责任书; empty lists when the unit has none."""
    found: dict[str, list[UnitItem]] = {kind: [] for kind in UnitItem.Kind.values}
    items = UnitItem.objects.filter(unit_list__organisation=organisation, unit_list__work_year=year)
    for item in items.select_related("unit_list", "duty"):
        found[item.kind].append(item)
    return found


def projects_of(post: Post, year: int) -> list[Project]:
    """本人认领的项目, for the 责任项目书."""
    rows = Project.objects.filter(responsibility__owner=post, responsibility__work_year=year)
    return list(rows.prefetch_related("milestones__duty"))
