"""三张清单: the year's chains, one problem, responsibility or project, the units' lists and measures."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accountability import access
from accountability import list_workflow as steps
from accountability.chain_filter import ChainFilter
from accountability.filters import number_in
from accountability.forms import refusals_in
from accountability.list_forms import (
    OwnerForm,
    ProblemForm,
    ProjectForm,
    ResponsibilityForm,
    UnitListForm,
    WordsForm,
)
from accountability.models import (
    ActKind,
    Attachment,
    Document,
    Duty,
    Milestone,
    Obligation,
    Organisation,
    Problem,
    Project,
    Record,
    Responsibility,
    UnitItem,
    UnitList,
    WorkYear,
)
from accountability.services import lists as verbs
from accountability.services.opening import ORGANISATION_KINDS
from accountability.services.records import countable_duties, may_file
from accountability.sheets import Table
from accountability.timeline import history_of_row
from accountability.views.downloads import sheet_response
from accountability.views.menus import Option, Pick
from accountability.years import year_in_view, years_opened

MEASURES = "implementing-measures"


# ── the year ─────────────────────────────────────────────────────────────────────────────────


@require_safe
def chains(request):
    """One page a year: every chain this reader sees, where it is broken, and what is narrowed to."""
    chosen, today = ChainFilter.read(request.GET, year=year_in_view(request)), timezone.localdate()
    found = verbs.chains(request.user, chosen.year, today)
    shown = chosen.of(found, request.user)
    context = {
        "chosen": chosen,
        "year": chosen.year,
        "tabs": _tabs(chosen, found, request.user),
        "picks": [_year_pick(chosen, request), _organisation_pick(chosen, found)],
        "chips": _chips(chosen, found),
        "chains": shown,
        "counts": _counts(chosen, found, request.user),
        "all_url": ChainFilter(chosen.year).url,
        "export_url": chosen.export_url,
        "may_raise": bool(access.organisations_where(request.user, "keep_record")),
        "may_manage": access.may_manage_duties(request.user),
        "archives": _archives(request.user, chosen.year),
        "sees_units": access.may_see_whole_school(request.user),
        "own_units": [post.organisation for post in access.posts_held(request.user) if post.organisation.is_unit],
        "today": today,
    }
    return render(request, "lists/chains_page.html", context)


def _tabs(chosen: ChainFilter, found: list, user) -> list[Option]:
    views = (
        ("全部", {"view": "all", "broken": ""}),
        ("断链", {"view": "all", "broken": "any"}),
        ("我的", {"view": "mine", "broken": ""}),
    )
    tabs = []
    for label, conditions in views:
        view = chosen.but(**conditions)
        tabs.append(Option(label, view.url, view == chosen, len(view.of(found, user))))
    return tabs


def _year_pick(chosen: ChainFilter, request) -> Pick:
    years = [Option(f"{each} 年度", chosen.but(year=each).url, each == chosen.year) for each in years_opened(request)]
    return Pick(f"{chosen.year} 年度", False, years)


def _organisation_pick(chosen: ChainFilter, found: list) -> Pick:
    options = [Option("不限", chosen.but(organisation=None).url, not chosen.organisation)]
    for pk, name in _organisations(found).items():
        options.append(Option(name, chosen.but(organisation=pk).url, pk == chosen.organisation))
    return Pick("单位", bool(chosen.organisation), options)


def _organisations(found: list) -> dict[int, str]:
    """提出单位 and 牵头单位 of the chains he sees: no name he does not see anyway."""
    named = {each.pk: each for chain in found for each in chain.organisations}
    return {each.pk: each.full_name for each in sorted(named.values(), key=lambda each: each.path)}


def _chips(chosen: ChainFilter, found: list) -> list[dict]:
    named = []
    if chosen.broken and chosen.broken != "any":
        named.append((verbs.BREAKS[chosen.broken], {"broken": ""}))
    if chosen.organisation:
        named.append((_organisations(found).get(chosen.organisation, "该单位没有"), {"organisation": None}))
    if chosen.q:
        named.append((f"搜索“{chosen.q}”", {"q": ""}))
    return [{"label": label, "url": chosen.but(**without).url} for label, without in named]


def _counts(chosen: ChainFilter, found: list, user) -> list[dict]:
    """断链: each kind with its count, and the address that shows just those."""
    counts = []
    for name, label in verbs.BREAKS.items():
        view = chosen.but(broken=name)
        if rows := view.of(found, user):
            counts.append({"label": label, "count": len(rows), "url": view.url, "current": view == chosen})
    return counts


def _archives(user, year: int) -> list[dict]:
    """The school's lists still to be filed as the year's duty asks."""
    if not access.may_manage_duties(user):
        return []
    school = Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
    acts = {act.code: act for act in ActKind.objects.filter(code__in=verbs.SCHOOL_LISTS)}
    return [
        {"code": code, "label": label}
        for code, label in verbs.SCHOOL_LISTS.items()
        if code in acts and countable_duties(school, acts[code], year)
    ]


@require_POST
def archive(request):
    year = request.POST.get("year", "")
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise ValidationError("请选择年度。")
    record = verbs.archive(request.POST.get("code", ""), int(year), by=request.user)
    messages.success(request, f"《{record.title}》已归档，计入 {record.evidence.count()} 项责任。")
    return redirect("record", pk=record.pk)


HEADS = tuple(
    (name, 22)
    for name in (
        "问题", "来源", "状态", "责任", "牵头单位", "责任人", "认领", "项目", "目标", "里程碑", "半年进展", "年终结果", "书记点评", "断链",
    )
)  # fmt: skip


@require_safe
def export(request):
    """导出表格 of the chains this reader sees under the same filter, one row a project."""
    chosen, today = ChainFilter.read(request.GET, year=year_in_view(request)), timezone.localdate()
    found = chosen.of(verbs.chains(request.user, chosen.year, today), request.user)
    return sheet_response(f"三张清单-{chosen.year}-{today}", Table("三张清单", HEADS, _rows(found)))


def _rows(found):
    for chain in found:
        problem = chain.problem
        head = (problem.text, problem.origin_words, problem.get_state_display()) if problem else ("", "年度计划", "")
        words = "、".join(chain.break_words)
        if not chain.links:
            yield (*head, *[""] * 10, words)
        for link in chain.links:
            row = link.responsibility
            middle = (row.text, row.organisation.full_name, row.owner.full_title, row.get_state_display())
            if not link.projects:
                yield (*head, *middle, *[""] * 6, words)
            for one in link.projects:
                days = "\n".join(f"{each.day} {each.title}" for each in one.milestones)
                project = one.project
                yield (
                    *head,
                    *middle,
                    *(project.title, project.goal, days, project.half_year_note, project.result, project.comment),
                    words,
                )


# ── one of them ──────────────────────────────────────────────────────────────────────────────


def _form_page(request, form, title: str, verb, *, about: str = "", back: str = "", confirm: str = "保存"):
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = verb(form.cleaned_data)
            messages.success(request, "已保存。")
            return redirect(verbs.address(row))
    context = {"form": form, "title": title, "about": about, "back": back, "confirm": confirm}
    return render(request, "lists/form_page.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def problem_new(request):
    user, year = request.user, year_in_view(request)
    kept = Organisation.objects.active().filter(pk__in=access.organisations_where(user, "keep_record"))
    kept = kept.select_related("parent")
    if not kept:
        raise PermissionDenied("您的岗位不能提出问题。")
    meetings = _meetings(user, year)
    initial = _problem_initial(request, kept, meetings)
    form = ProblemForm(request.POST or None, organisations=kept, meetings=meetings, initial=initial)

    def verb(data: dict) -> Problem:
        return verbs.raise_problem(by=user, work_year=year, **data)

    about = "提出后由分管或联系的校领导和纪委研判，两方意见齐后由党委审定列入清单。"
    return _form_page(request, form, f"提出问题 · {year} 年度", verb, about=about, confirm="提出")


def _meetings(user, year: int):
    """Meetings of the year he sees: what a problem may have come from."""
    held = Record.objects.visible_to(user).standing().filter(work_year=year, act__category=ActKind.Category.MEETING)
    return held.select_related("organisation").order_by("-happened_on", "-pk")


def _problem_initial(request, kept, meetings) -> dict:
    """From a meeting's page everything the meeting tells is filled in."""
    record = meetings.filter(pk=number_in(request.GET, "record")).first()
    if record is None:
        return {"origin": kept[0]}
    origin = record.organisation if record.organisation in kept else kept[0]
    words = f"{record.happened_on.year}年{record.happened_on.month}月{record.happened_on.day}日{record.title}"
    return {"origin": origin, "source": Problem.Source.MEETING, "origin_words": words, "record": record}


def _problem(request, pk: int) -> Problem:
    rows = Problem.objects.visible_to(request.user).select_related(
        "origin__parent", "leader_post__organisation__parent", "raised_by", "leader_by", "commission_by", "fixed_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
def problem(request, pk: int):
    return _problem_page(request, _problem(request, pk))


def _problem_page(request, row: Problem, status: int = 200, **more):
    visible = Responsibility.objects.visible_to(request.user).filter(problem=row)
    context = {
        "row": row,
        "responsibilities": list(visible.select_related("organisation__parent", "owner__organisation__parent")),
        "meeting": Record.objects.visible_to(request.user).filter(pk=row.record_id).first(),
        "may_name": access.may_manage_duties(request.user) and row.state == Problem.State.FIXED,
        "choices": steps.choices_for(steps.PROBLEM_TRANSITIONS, row, request.user),
        **_acting(request, row),
        **more,
    }
    return render(request, "lists/problem_page.html", context, status=status)


def _acting(request, row) -> dict:
    return {
        "asks": steps.ASKS,
        "words_form": WordsForm(),
        "refused": "",
        "changes": history_of_row(row),
        "today": timezone.localdate(),
    }


def _act(request, row, table: dict, verb, page):
    """One transition with its words; refused, the page comes back with what was typed."""
    name = request.POST.get("transition", "")
    if name not in table:
        raise ValidationError("没有这种办理，请返回重新选择。")
    form = WordsForm(request.POST)
    if form.is_valid():
        try:
            verb(row, name, by=request.user, words=form.cleaned_data["words"])
        except ValidationError as error:
            form.add_error("words", error.messages)
        else:
            messages.success(request, f"已{table[name].label}。")
            return redirect(verbs.address(row))
    return page(request, type(row).objects.get(pk=row.pk), 400, words_form=form, refused=name)


@require_POST
def problem_act(request, pk: int):
    return _act(request, _problem(request, pk), steps.PROBLEM_TRANSITIONS, verbs.handle_problem, _problem_page)


@require_http_methods(["GET", "HEAD", "POST"])
def responsibility_new(request):
    if not access.may_manage_duties(request.user):
        raise PermissionDenied("责任清单由党委办公室登记。")
    year, problem = year_in_view(request), None
    if request.GET.get("problem"):
        problem = _problem(request, number_in(request.GET, "problem"))
        year = problem.work_year_id
    form = ResponsibilityForm(request.POST or None, initial={"organisation": problem.origin if problem else None})

    def verb(data: dict) -> Responsibility:
        return verbs.name_responsibility(by=request.user, work_year=year, problem=problem, **data)

    about = f"问题：{problem.text}" if problem else "来自年度计划的责任，不对应某个问题。"
    return _form_page(request, form, f"确定责任 · {year} 年度", verb, about=about)


def _responsibility(request, pk: int) -> Responsibility:
    rows = Responsibility.objects.visible_to(request.user).select_related(
        "problem", "organisation__parent", "owner__organisation__parent", "named_by", "claimed_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
def responsibility(request, pk: int):
    return _responsibility_page(request, _responsibility(request, pk))


def _responsibility_page(request, row: Responsibility, status: int = 200, **more):
    problem = Problem.objects.visible_to(request.user).filter(pk=row.problem_id).first()
    context = {
        "row": row,
        "problem": problem,
        "projects": list(row.projects.all()),
        "may_plan": row.state == Responsibility.State.CLAIMED and row.owner_id in access.posts_of(request.user),
        "may_rename": access.may_manage_duties(request.user) and row.state != Responsibility.State.CLAIMED,
        "owner_form": OwnerForm(initial={"owner": row.owner, "organisation": row.organisation}),
        "choices": steps.choices_for(steps.RESPONSIBILITY_TRANSITIONS, row, request.user),
        **_acting(request, row),
        **more,
    }
    return render(request, "lists/responsibility_page.html", context, status=status)


@require_POST
def responsibility_act(request, pk: int):
    row = _responsibility(request, pk)
    return _act(request, row, steps.RESPONSIBILITY_TRANSITIONS, verbs.answer_offer, _responsibility_page)


@require_POST
def responsibility_owner(request, pk: int):
    row = _responsibility(request, pk)
    form = OwnerForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.name_another(row, by=request.user, **form.cleaned_data)
            messages.success(request, "已另定责任人，并通知认领。")
            return redirect("responsibility", pk=row.pk)
    return _responsibility_page(request, row, 400, owner_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def project_new(request, pk: int):
    row = _responsibility(request, pk)
    if row.owner_id not in access.posts_of(request.user):
        raise PermissionDenied(f"项目由{row.owner.full_title}制定。")
    form = ProjectForm(request.POST or None)

    def verb(data: dict) -> Project:
        return verbs.plan_project(by=request.user, responsibility=row, **data)

    return _form_page(request, form, "制定项目", verb, about=f"责任：{row.text}")


def _project(request, pk: int) -> Project:
    rows = Project.objects.visible_to(request.user).select_related(
        "responsibility__owner__organisation__parent",
        "responsibility__organisation__parent",
        "responsibility__problem",
        "half_year_duty",
        "result_duty",
        "made_by",
        "result_by",
        "commented_by",
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def project_edit(request, pk: int):
    row = _project(request, pk)
    if row.responsibility.owner_id not in access.posts_of(request.user):
        raise PermissionDenied(f"项目由{row.responsibility.owner.full_title}修改。")
    days = "\n".join(f"{each.due_on} {each.title}" for each in row.milestones.all())
    initial = {"title": row.title, "goal": row.goal, "measures": row.measures, "milestones": days}
    form = ProjectForm(request.POST or None, initial=initial)

    def verb(data: dict) -> Project:
        return verbs.plan_project(by=request.user, responsibility=row.responsibility, project=row, **data)

    return _form_page(
        request, form, "修改项目", verb, about=f"责任：{row.responsibility.text}", back=verbs.address(row)
    )


@require_safe
def project(request, pk: int):
    return _project_page(request, _project(request, pk))


def _project_page(request, row: Project, status: int = 200, **more):
    owns = row.responsibility.owner_id in access.posts_of(request.user)
    context = {
        "row": row,
        "milestones": list(row.milestones.select_related("duty")),
        "reports": [duty for duty in (row.half_year_duty, row.result_duty) if duty],
        "seen_duties": set(Duty.objects.visible_to(request.user).filter(_of_project(row)).values_list("pk", flat=True)),
        "may_edit": owns and row.state == Project.State.DRAFT,
        "may_reach": owns and row.state == Project.State.RUNNING,
        "choices": steps.choices_for(steps.PROJECT_TRANSITIONS, row, request.user),
        "reach_form": WordsForm(),
        "reached": 0,
        **_acting(request, row),
        **more,
    }
    return render(request, "lists/project_page.html", context, status=status)


def _of_project(row: Project) -> Q:
    return Q(milestone__project=row) | Q(half_year_of=row) | Q(result_of=row)


@require_POST
def project_act(request, pk: int):
    return _act(request, _project(request, pk), steps.PROJECT_TRANSITIONS, verbs.advance, _project_page)


@require_POST
def milestone_reach(request, pk: int):
    visible = Milestone.objects.filter(project__in=Project.objects.visible_to(request.user))
    milestone = get_object_or_404(visible, pk=pk)
    form = WordsForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            verbs.reach(milestone, by=request.user, words=form.cleaned_data["words"])
            messages.success(request, "里程碑已完成，记入履责记录。")
            return redirect("project", pk=milestone.project_id)
    row = _project(request, milestone.project_id)
    return _project_page(request, row, 400, reach_form=form, reached=milestone.pk)


# ── units ────────────────────────────────────────────────────────────────────────────────────


@require_safe
def units(request):
    """单位清单 of all units in reach: how many entries each, those without first."""
    year = year_in_view(request)
    own = UnitList.objects.filter(organisation=OuterRef("pk"), work_year=year)
    count = {
        kind: Count("unit_lists__items", filter=_items_of(kind, year), distinct=True) for kind in UnitItem.Kind.values
    }
    rows = (
        Organisation.objects.visible_to(request.user)
        .units()
        .active()
        .annotate(list_state=Subquery(own.values("state")[:1]), **{f"n_{kind}": each for kind, each in count.items()})
    )
    rows = sorted(rows, key=lambda row: (row.list_state == "confirmed", bool(row.list_state), row.rank, row.pk))
    context = {
        "year": year,
        "years": Pick(f"{year} 年度", False, _years(request, year)),
        "rows": rows,
        "without": sum(row.list_state is None for row in rows),
        "confirmed": sum(row.list_state == "confirmed" for row in rows),
    }
    return render(request, "lists/unit_list_page.html", context)


def _items_of(kind: str, year: int):
    return Q(unit_lists__items__kind=kind, unit_lists__work_year=year)


def _unit(request, pk: int) -> Organisation:
    return get_object_or_404(Organisation.objects.visible_to(request.user).units().select_related("parent"), pk=pk)


COLUMNS = {
    UnitItem.Kind.RESPONSIBILITY: {"second": "责任人", "third": "日期"},
    UnitItem.Kind.TASK: {"second": "责任人", "third": "完成日期"},
    UnitItem.Kind.RULE: {"second": "文号", "third": "施行日期"},
}


@require_http_methods(["GET", "HEAD", "POST"])
def unit(request, pk: int):
    organisation = _unit(request, pk)
    year = year_in_view(request)
    row = verbs.unit_list_of(organisation, year)
    may_write = may_file(request.user, organisation) and not (row and row.is_confirmed)
    form = UnitListForm(request.POST or None, initial=_typed(organisation, year))
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            verbs.write_unit_list(organisation, year, by=request.user, entries=form.cleaned_data)
            messages.success(request, "清单已保存，等党组织书记确认。")
            return redirect(f"{request.path}?year={year}")
    items = verbs.three_lists(organisation, year)
    context = {
        "organisation": organisation,
        "year": year,
        "row": row,
        "lists": [{"label": label, "items": items[kind], **COLUMNS[kind]} for kind, label in UnitItem.Kind.choices],
        "form": form if may_write else None,
        "may_confirm": row is not None and access.may(request.user, "confirm_record", organisation),
        "has_last_year": UnitList.objects.filter(organisation=organisation, work_year=year - 1).exists(),
        "copied": request.GET.get("copy") == "1",
        "words_form": WordsForm(),
        "changes": history_of_row(row) if row else [],
    }
    return render(request, "lists/unit_page.html", context, status=400 if form.errors else 200)


def _typed(organisation: Organisation, year: int, fallback: bool = True) -> dict[str, str]:
    """What stands, as lines to go on from; of last year's when this year has none yet."""
    items = verbs.three_lists(organisation, year)
    if not any(items.values()) and fallback:
        return {
            kind: text if kind == UnitItem.Kind.RULE else "\n".join(_dateless(line) for line in text.splitlines())
            for kind, text in _typed(organisation, year - 1, fallback=False).items()
        }
    return {
        kind: "\n".join(_line(row.text, row.number or row.owner_words, row.due_on) for row in rows)
        for kind, rows in items.items()
    }


def _line(text: str, words: str, day) -> str:
    """内容；责任人；日期, as the form reads it back: a day without a name keeps its place."""
    return "；".join([text, words, str(day)] if day else [text, words] if words else [text])


def _dateless(line: str) -> str:
    text, _, rest = line.partition("；")
    words = rest.partition("；")[0]
    return f"{text}；{words}" if words else text


@require_POST
def unit_act(request, pk: int):
    organisation = _unit(request, pk)
    row = get_object_or_404(UnitList, organisation=organisation, work_year=year_in_view(request))
    if request.POST.get("transition") == "reopen":
        verbs.reopen_unit_list(row, by=request.user, reason=request.POST.get("words", "").replace("\x00", ""))
        messages.success(request, "清单已重新打开，可以修改。")
    else:
        verbs.confirm_unit_list(row, by=request.user)
        messages.success(request, "清单已确认：计入三项责任，有日期的任务已列入台账。")
    return redirect(f"{reverse('unit_list', args=[organisation.pk])}?year={row.work_year_id}")


@require_safe
def measures(request):
    """单位实施办法 (四（一）): units without this year's come first, those the regulation asks before the others."""
    year = year_in_view(request)
    rows = sorted(
        _measured(request.user, year),
        key=lambda row: (row.standing == CURRENT, not row.owes, row.standing, row.rank, row.pk),
    )
    files = Attachment.objects.filter(record__in=[row.record for row in rows if row.record]).order_by("pk")
    attachments: dict[int, list[Attachment]] = {}
    for attachment in files:
        attachments.setdefault(attachment.record_id, []).append(attachment)
    for row in rows:
        row.attachments = attachments.get(row.record, [])
    context = {
        "year": year,
        "years": Pick(f"{year} 年度", False, _years(request, year)),
        "rows": rows,
        "without": sum(row.standing == WITHOUT for row in rows),
        "former": sum(row.standing == FORMER for row in rows),
        "may_write": access.organisations_where(request.user, "keep_record"),
        "year_is_open": WorkYear.objects.filter(year=year, closed_on=None).exists(),
    }
    return render(request, "lists/measures_page.html", context)


WITHOUT, FORMER, CURRENT = range(3)


def _measured(user, year: int) -> list[Organisation]:
    """Every unit in reach with its newest accepted measures up to that year, and what it is drafting."""
    filed = Record.objects.accepted().filter(act__code=MEASURES, organisation=OuterRef("pk"), work_year__lte=year)
    filed = filed.order_by("-work_year_id", "-happened_on", "-pk")
    drafts = Document.objects.standing().filter(kind__act__code=MEASURES, organisation=OuterRef("pk"), work_year=year)
    rows = list(
        Organisation.objects.visible_to(user)
        .units()
        .active()
        .annotate(
            record=Subquery(filed.values("pk")[:1]),
            filed_on=Subquery(filed.values("happened_on")[:1]),
            filed_for=Subquery(filed.values("work_year")[:1]),
            title=Subquery(filed.values("title")[:1]),
            document=Subquery(drafts.order_by("-pk").values("pk")[:1]),
            duty=Subquery(_owed_measures(year).values("pk")[:1]),
            has_measures=Exists(filed),
        )
    )
    kinds = _kinds_owing(year)
    for row in rows:
        row.owes = row.kind in kinds
        row.standing = WITHOUT if not row.record else CURRENT if row.filed_for == year else FORMER
    return rows


def _kinds_owing(year: int) -> set[str]:
    """Which kinds of unit the year's regulation asks for measures; of the others it is merely shown."""
    asked = Obligation.objects.filter(acts__code=MEASURES, clause__regulation__work_years=year)
    return {kind for obligation in asked for kind in ORGANISATION_KINDS.get(obligation.bearer, ())}


def _owed_measures(year: int):
    return Duty.objects.of_year(year).open().filter(obligation__acts__code=MEASURES, organisation=OuterRef("pk"))


def _years(request, year: int) -> list[Option]:
    return [Option(f"{each} 年度", f"?year={each}", each == year) for each in years_opened(request)]
