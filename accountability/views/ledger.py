"""责任台账: the list of duties with its filters, and the same rows as a workbook."""

from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accountability import access, statements
from accountability.confidential import told_of
from accountability.counting import number_of
from accountability.ledger import CONDITIONS, LEVELS, STATES, LedgerFilter
from accountability.models import Clause, Duty, Evidence, Light, Obligation, Organisation, Regulation, Subject
from accountability.sheets import Table
from accountability.templatetags.duties import light_words
from accountability.views.downloads import sheet_response
from accountability.views.listing import Listing
from accountability.views.menus import Option, Pick
from accountability.years import year_in_view, years_opened

EXPORT_AT_MOST = 20_000


@require_safe
def ledger(request):
    today = timezone.localdate()
    chosen = LedgerFilter.read(request.GET).but(year=year_in_view(request))
    listing = Listing(request, chosen, told_of(request.user))

    def rows(chosen: LedgerFilter = chosen) -> QuerySet:
        return chosen.rows(Duty.objects.visible_to(request.user), on=today, user=request.user)

    tabs, count = _tabs(chosen, listing, rows, today)
    pager = listing.pager(
        lambda: rows().order_by("due_on", "id"), lambda: _lines(Duty.objects.all(), today), lines_by=today, count=count
    )
    context = {
        "chosen": chosen,
        "pager": pager,
        "tabs": tabs,
        "picks": _picks(chosen, listing),
        "chips": _chips(chosen),
        "hints": _hints(chosen, Duty.objects.visible_to(request.user), request.user, today) if not pager.total else [],
        "reset_url": LedgerFilter(year=chosen.year).url,
        "export_url": f"export/?{request.GET.urlencode()}",
        "may_manage": access.may_manage_duties(request.user),
        "today": today,
    }
    return render(request, "ledger/ledger_page.html", context)


def _lines(rows: QuerySet, today) -> QuerySet:
    """What a line shows."""
    proofs = number_of(Evidence.objects.filter(duty=OuterRef("pk")))
    return (
        rows.with_light(today).for_list().annotate(proofs=proofs).prefetch_related("helpers").order_by("due_on", "id")
    )


def _tabs(chosen: LedgerFilter, listing: Listing, rows, today) -> tuple[list[Option], int | None]:
    """常用视图 with their counts under every other condition kept, and how many the list holds, if that was counted too."""
    base = chosen.but(states=(), mine=False)
    mine = base.but(mine=True)
    counts = listing.counts_within(
        lambda: rows(base),
        lambda: (
            {"all": None, "here": chosen.meaning(today) or None}
            | {state: chosen.but(states=(state,)).meaning(today) for state in TAB_STATES}
        ),
    ) | listing.counts({"mine": lambda: rows(mine)})
    tabs = [Option("全部", base.url, not chosen.states and not chosen.mine, counts["all"])]
    tabs += [
        Option(STATES[state], base.but(states=(state,)).url, chosen.states == (state,), counts[state])
        for state in TAB_STATES
    ]
    tabs.append(Option("本人应办", mine.url, chosen.mine, counts["mine"]))
    is_counted = not chosen.mine and "waived" not in chosen.states
    return tabs, counts["here"] if is_counted else None


TAB_STATES = (Light.LATE, Light.SOON, "reviewing", Light.DONE)


def _picks(chosen: LedgerFilter, listing: Listing) -> list[Pick]:
    user = listing.request.user
    units = listing.rows(
        "units", lambda: Organisation.objects.visible_to(user).active().units().values_list("pk", "name")
    )
    # A branch is found through its unit's name or the search box: a hundred lines are no menu.
    clauses = _clauses(chosen.year)
    years = [(str(year), f"{year} 年度") for year in years_opened(listing.request)]
    picks = [
        _pick("工作年度", "year", years, chosen, str(chosen.year)),
        _pick("责任主体", "subject", Subject.choices, chosen, chosen.subject),
        _pick("层级", "level", list(LEVELS.items()), chosen, chosen.level),
        _pick("单位", "organisation", [(pk, name) for pk, name in units], chosen, chosen.organisation),
        _pick(
            "条款", "clause", [(key, f"{number} {summary}") for key, number, summary in clauses], chosen, chosen.clause
        ),
    ]
    states = [
        Option(label, chosen.but(states=_toggled(chosen.states, state)).url, state in chosen.states)
        for state, label in STATES.items()
    ]
    return [Pick(f"状态 {len(chosen.states)}" if chosen.states else "状态", bool(chosen.states), states), *picks]


def _pick(label: str, name: str, choices, chosen: LedgerFilter, value) -> Pick:
    options = [Option(str(text), chosen.but(**{name: key}).url, key == value) for key, text in choices]
    if name != "year":
        options.insert(0, Option("不限", chosen.without(name).url, not value))
    return Pick(label, bool(value) and name != "year", options)


def _toggled(states: tuple[str, ...], state: str) -> tuple[str, ...]:
    return tuple(other for other in states if other != state) if state in states else (*states, state)


def _clauses(year: int) -> list[tuple[str, str, str]]:
    """One line a key: in a year of two versions the filter finds both, and the newer one names it.

    Of the versions under which this year's duties were opened; before any, of those ever in force.
    """

    def used() -> QuerySet:
        owed = Clause.objects.filter(Exists(Duty.objects.filter(clause=OuterRef("pk"), work_year=year)))
        return Regulation.objects.filter(pk__in=owed.values("regulation"))

    is_opened = statements.is_any(("regulations used", year), used)

    def clauses() -> QuerySet:
        shown = Clause.objects.filter(regulation__in=used() if is_opened else Regulation.objects.enacted())
        return shown.order_by("regulation__in_force_from", "rank").values_list("key", "number", "summary")

    rows = statements.rows(("clauses of the ledger", year, is_opened), clauses)
    return list({row[0]: row[:3] for row in rows}.values())


def _chips(chosen: LedgerFilter) -> list[dict]:
    """已用筛选: one chip per condition, each with the address without it."""
    chips = [{"label": STATES[state], "url": chosen.without("state", state).url} for state in chosen.states]
    chips += [{"label": CONDITIONS[name].label, "url": chosen.without("is", name).url} for name in chosen.such]
    for name, label in _named_conditions(chosen):
        chips.append({"label": label, "url": chosen.without(name).url})
    return chips


def _named_conditions(chosen: LedgerFilter) -> list[tuple[str, str]]:
    named = []
    if chosen.q:
        named.append(("q", f"搜索“{chosen.q}”"))
    if chosen.subject:
        named.append(("subject", Subject(chosen.subject).label))
    if chosen.level:
        named.append(("level", LEVELS[chosen.level]))
    if chosen.kind:
        named.append(("kind", Organisation.Kind(chosen.kind).label))
    if chosen.organisation:
        named.append(("organisation", _name_of(Organisation, chosen.organisation, "单位")))
    if chosen.obligation:
        named.append(("obligation", _name_of(Obligation, chosen.obligation, "责任要求")))
    if chosen.occurrence:
        named.append(("occurrence", f"第 {chosen.occurrence} 次"))
    if chosen.clause:
        named.append(("clause", _clause_label(chosen.clause)))
    if chosen.owner:
        named.append(("owner", "指定责任人"))
    if chosen.month:
        named.append(("month", f"{chosen.month} 月到期"))
    if chosen.mine:
        named.append(("mine", "本人应办"))
    return named


def _name_of(model, pk: int, fallback: str) -> str:
    row = model.objects.filter(pk=pk).first()
    return str(row) if row else f"{fallback}不存在"


def _clause_label(key: str) -> str:
    clause = (
        Clause.objects.filter(key=key, regulation__in_force_from__isnull=False)
        .order_by("-regulation__in_force_from")
        .first()
    )
    return f"条款 {clause.number if clause else key}"


def _hints(chosen: LedgerFilter, visible: QuerySet, user, today) -> list[dict]:
    """空列表: which condition to drop, and how many rows that yields."""
    conditions = [("states", "状态")] if chosen.states else []
    conditions += [("such", "附加条件")] if chosen.such else []
    hints = []
    for name, label in [*conditions, *_named_conditions(chosen)]:
        wider = chosen.without(name)
        if count := wider.rows(visible, on=today, user=user).count():
            hints.append({"label": label, "url": wider.url, "count": count})
    return hints


@require_safe
def export(request):
    """导出表格: the rows of the same filter."""
    today = timezone.localdate()
    chosen = LedgerFilter.read(request.GET).but(year=year_in_view(request))
    rows = _lines(chosen.rows(Duty.objects.visible_to(request.user), on=today, user=request.user), today)
    lines = (_line(duty, today) for duty in rows[:EXPORT_AT_MOST])
    return sheet_response(f"责任台账-{chosen.year}-{today}", Table("责任台账", EXPORT_HEADS, lines))


EXPORT_HEADS = (
    ("编号", 12), ("责任事项", 40), ("责任主体", 18), ("责任单位", 18), ("责任人", 22), ("协同单位", 24), ("监督单位", 14),
    ("条款", 12), ("到期日", 12), ("完成日", 12), ("状态", 12),
)  # fmt: skip


def _line(duty: Duty, today) -> tuple:
    return (
        duty.number,
        duty.title,
        duty.get_subject_display(),
        duty.organisation_name,
        duty.owner.full_title,
        "、".join(helper.name for helper in duty.helpers.all()),
        str(duty.supervisor),
        duty.clause.number if duty.clause else "",
        duty.due_on,
        duty.fulfilled_on,
        light_words(duty, today),
    )
