"""制度版本: read a version, compare it, see what it covers and what putting it in force would do (五)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accountability import access
from accountability.comparison import Kind, compare
from accountability.forms import refusals_in
from accountability.ledger import LedgerFilter
from accountability.models import Duty, Obligation, Regulation
from accountability.services import enactment
from accountability.services.drafts import faults_of
from accountability.timeline import history_of_version
from accountability.version_forms import EnactDayForm, EnactForm
from accountability.views.menus import Option
from accountability.years import year_in_view


def through_the_door(request, pk: int) -> Regulation:
    return get_object_or_404(Regulation.objects.visible_to(request.user), pk=pk)


def state_of(version: Regulation, today) -> dict:
    """草稿、施行中、待施行、已废止, as a light."""
    if version.is_draft:
        return {"light": "soon", "label": "草稿"}
    if version.is_in_force(today):
        return {"light": "done", "label": "施行中"}
    return (
        {"light": "soon", "label": "待施行"} if version.in_force_from > today else {"light": "idle", "label": "已废止"}
    )


def clause_rows(version: Regulation | None, user, year: int, q: str = "") -> list[dict]:
    """Each clause (with ``q`` in it) with what it asks for and how many duties of the year the reader sees."""
    visible = Duty.objects.visible_to(user).of_year(year).owed().order_by()
    by_key = dict(visible.values_list("clause__key").annotate(Count("pk")))
    owed = list(visible.values_list("obligation__code", "obligation").annotate(Count("pk")))
    times = Count("occurrences", filter=Q(is_open_ended=False))
    obligations = Obligation.objects.annotate(times=times)
    clauses = version.clauses.prefetch_related(Prefetch("obligations", obligations)) if version else ()
    if version and q:
        clauses = clauses.saying(q)
    return [
        {
            "clause": clause,
            "obligations": [_obligation_row(one, owed, year) for one in clause.obligations.all()],
            "count": by_key.get(clause.key, 0),
            "url": LedgerFilter(year=year, clause=clause.key).url,
            "kind": "duties" if clause.obligations.all() else "support" if clause.support else "none",
        }
        for clause in clauses
    ]


def _obligation_row(obligation: Obligation, owed: list[tuple], year: int) -> dict:
    """Its duties of the year; where the year follows another version, those of the obligation that continues it."""
    counts = {pk: count for code, pk, count in owed if code == obligation.code}
    counted = obligation.pk if obligation.pk in counts or not counts else max(counts)
    url = LedgerFilter(year=year, obligation=counted).url
    return {"obligation": obligation, "count": counts.get(counted, 0), "url": url}


@require_safe
def version(request, pk: int):
    """One version with its clauses; a draft with the way to mend each."""
    version, today, year = through_the_door(request, pk), timezone.localdate(), year_in_view(request)
    may_edit = version.is_draft and access.may_manage_duties(request.user)
    context = {
        "version": version,
        "state": state_of(version, today),
        "former": version.former(),
        "rows": clause_rows(version, request.user, year),
        "year": year,
        "may_edit": may_edit,
        "faults": faults_of(version) if may_edit else [],
        "changes": history_of_version(version),
    }
    return render(request, "clauses/version_page.html", context)


@require_safe
def compare_versions(request, pk: int):
    """版本比较 with the version before it."""
    version = through_the_door(request, pk)
    context = {"version": version, "comparison": compare(version.former(), version)}
    return render(request, "clauses/version_compare_page.html", context)


COVERAGE = {"": "全部条款", "duties": "有责任要求", "support": "只有其他支撑", "none": "都没有"}


@require_safe
def coverage(request, pk: int):
    """条款覆盖: every clause with its obligations, this year's duties and other support; none stands out (一（二）)."""
    version, year = through_the_door(request, pk), year_in_view(request)
    rows = clause_rows(version, request.user, year)
    chosen = request.GET.get("show") if request.GET.get("show") in COVERAGE else ""
    numbers = {kind: sum(row["kind"] == kind for row in rows) for kind in COVERAGE} | {"": len(rows)}
    context = {
        "version": version,
        "rows": [row for row in rows if row["kind"] == chosen or not chosen],
        "tabs": [
            Option(label, f"?show={kind}&year={year}", kind == chosen, numbers[kind])
            for kind, label in COVERAGE.items()
        ],
        "bare": numbers["none"],
        "year": year,
    }
    return render(request, "clauses/version_coverage_page.html", context)


# ── putting a draft in force ─────────────────────────────────────────────────────────────────


@require_safe
def effect(request, pk: int):
    """施行预览: ``?on=`` a day, and with ``&show=added&year=&code=`` the duties behind one number."""
    draft = through_the_door(request, pk)
    if not draft.is_draft:
        return redirect("version", pk=draft.pk)
    form = EnactDayForm(request.GET if "on" in request.GET else None)
    plan = _plan(draft, form)
    if plan and request.GET.get("show") in SHOWN:
        return _rows_page(request, plan, request.GET["show"])
    enact_form = EnactForm(initial={"on": plan.on, "announced": plan.fingerprint}) if plan else None
    return _effect_page(request, draft, form, plan, enact_form)


def _plan(draft: Regulation, form: EnactDayForm):
    if form.is_bound and form.is_valid():
        with refusals_in(form):
            return enactment.plan_enactment(draft, form.cleaned_data["on"])
    return None


def _effect_page(request, draft: Regulation, form, plan, enact_form):
    may_enact = access.may_manage_duties(request.user)
    context = {
        "version": draft,
        "former": draft.former(),
        "form": form,
        "plan": plan,
        "kinds": _kinds(plan) if plan else [],
        "gaps": plan.gap_rows() if plan else [],
        "years": enactment.counts_by_year(plan) if plan else [],
        "faults": faults_of(draft),
        "enact_form": enact_form if may_enact else None,
        "today": timezone.localdate(),
    }
    refused = form.errors or (enact_form and enact_form.errors)
    return render(request, "clauses/version_effect_page.html", context, status=400 if refused else 200)


def _kinds(plan) -> list[dict]:
    kinds = (Kind.ADDED, Kind.ENDED, Kind.CHANGED)
    return [
        {
            "kind": kind,
            "count": plan.count(kind),
            "url": f"?on={plan.on}&show={kind}",
            "rows": [
                {"row": row, "url": f"?on={plan.on}&show={kind}&year={row.year}&code={row.obligation.code}"}
                for row in plan.rows(kind)
            ],
        }
        for kind in kinds
    ]


SHOWN = {"added": "新增", "ended": "终止", "changed": "变更", "carried": "沿用", "left": "仍按原版"}


def _rows_page(request, plan, show: str):
    """The duties behind one number of the preview."""
    year, code = request.GET.get("year", ""), request.GET.get("code", "")
    years = [each for each in plan.years if year in ("", str(each.year))]
    groups = [{"year": each.year} | _chosen(each, show, code) for each in years]
    count = sum(len(group["planned"]) + len(group["duties"]) + len(group["changes"]) for group in groups)
    context = {"version": plan.draft, "plan": plan, "label": SHOWN[show], "groups": groups, "count": count}
    return render(request, "clauses/version_duties_page.html", context)


def _chosen(effect, show: str, code: str) -> dict:
    """What the page lists of one year: planned duties, existing ones, or existing ones with what changes."""
    chosen = {"planned": [], "duties": [], "changes": []}
    if show == "added":
        chosen["planned"] = [one for one in effect.added if code in ("", one.obligation.code)]
    elif show == "changed":
        chosen["changes"] = [one for one in effect.changed if code in ("", one.obligation.code)]
    else:
        duties = {"ended": effect.ended, "carried": [duty for duty, _ in effect.carried], "left": effect.left}[show]
        chosen["duties"] = [one for one in duties if code in ("", one.obligation.code)]
    return chosen


@require_POST
def enact(request, pk: int):
    """施行, after the preview."""
    draft = through_the_door(request, pk)
    if not access.may_manage_duties(request.user):
        raise PermissionDenied("新版本由党委办公室办理施行。")
    form = EnactForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            done = enactment.enact(draft, by=request.user, **form.cleaned_data)
            words = done.announcement.removeprefix("将")
            messages.success(request, f"《{draft}》自 {done.on} 起施行，已{words}。")
            return redirect("version", pk=draft.pk)
    return _refused(request, draft, form)


def _refused(request, draft: Regulation, form: EnactForm):
    """The page again with what was typed, and the plan as it stands now."""
    day = EnactDayForm({"on": request.POST.get("on", "")})
    plan = _plan(draft, day)
    if plan is None:
        return _effect_page(request, draft, day, None, None)
    return _effect_page(request, draft, day, plan, form)
