"""组织: the tree, one organisation with its posts and people over time, and what the office changes in it."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accountability import access
from accountability import organisation_forms as forms
from accountability.forms import add_refusal, refusals_in
from accountability.ledger import LedgerFilter
from accountability.models import Duty, HandOver, Light, Organisation, Portfolio, Post, Tenure
from accountability.services import reorganisation, tenures
from accountability.services.reorganisation import Kind
from accountability.years import year_in_view

FOUND_AT_MOST = 200


@dataclass
class Node:
    """一个组织 in the tree with what hangs below it."""

    organisation: Organisation
    head: str
    vacant: int
    below: list["Node"] = field(default_factory=list)


@require_safe
def tree(request):
    today = timezone.localdate()
    q = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    holder = (
        Tenure.objects.in_office(today).filter(post__organisation=OuterRef("pk")).order_by("post__rank", "is_acting")
    )
    vacant = Q(posts__abolished_on=None) & ~Q(posts__in=Post.objects.filled(today))
    rows = (
        Organisation.objects.visible_to(request.user)
        .select_related("parent")
        .annotate(head=Subquery(holder.values("person__name")[:1]), vacant=Count("posts", filter=vacant, distinct=True))
        .order_by("rank", "id")
    )
    standing = [row for row in rows if row.abolished_on is None]
    context = {
        "roots": _nodes(standing),
        "found": list(rows.active().named(q)) if q else [],
        "people": list(Tenure.objects.found_by(q, user=request.user, on=today)[:FOUND_AT_MOST]) if q else [],
        "q": q,
        "abolished": [row for row in rows if row.abolished_on is not None],
        "total": len(standing),
        "may_manage": access.may_manage_duties(request.user),
    }
    return render(request, "organisations/tree_page.html", context)


def _nodes(rows: list[Organisation]) -> list[Node]:
    """The forest of what is visible: whose parent is not among them is a root."""
    nodes = {row.pk: Node(row, row.head or "", row.vacant) for row in rows}
    roots = []
    for row in rows:
        (nodes[row.parent_id].below if row.parent_id in nodes else roots).append(nodes[row.pk])
    return roots


def _through_the_door(request, pk: int) -> Organisation:
    rows = Organisation.objects.visible_to(request.user).select_related("parent__parent", "merged_into")
    return get_object_or_404(rows, pk=pk)


@dataclass
class PostLine:
    """岗位 with who holds it and who held it."""

    post: Post
    holders: list[Tenure] = field(default_factory=list)
    coming: list[Tenure] = field(default_factory=list)
    former: list[Tenure] = field(default_factory=list)


@require_safe
def organisation(request, pk: int):
    organisation = _through_the_door(request, pk)
    today, year = timezone.localdate(), year_in_view(request)
    ledger = LedgerFilter(year=year, organisation=organisation.pk)
    context = {
        "organisation": organisation,
        "chain": _chain(request, organisation),
        "children": list(organisation.children.filter(abolished_on=None)),
        "posts": _posts(organisation, today),
        "portfolios": list(Portfolio.objects.filter(organisation=organisation).select_related("post__organisation")),
        "own_portfolios": list(
            Portfolio.objects.filter(post__organisation=organisation)
            .select_related("post__organisation", "organisation")
            .order_by("post__rank", "kind", "-started_on")
        ),
        "former_names": list(organisation.former_names.all()),
        "merged_from": list(organisation.merged_from.all()),
        "figures": [
            _figure(request.user, today, label, chosen)
            for label, chosen in (
                ("应落实", ledger),
                ("已完成", ledger.but(states=(Light.DONE,))),
                ("逾期", ledger.but(states=(Light.LATE,))),
            )
        ],
        "handovers": list(
            HandOver.objects.visible_to(request.user).filter(post__organisation=organisation).for_list()[:10]
        ),
        "may_manage": access.may_manage_duties(request.user) and organisation.abolished_on is None,
        "kinds": list(Kind),
        "today": today,
        "year": year,
    }
    return render(request, "organisations/organisation_page.html", context)


def _figure(user, today, label: str, chosen: LedgerFilter) -> tuple[str, int, str]:
    """A number is a ledger filter: what it counts is what the ledger shows (decision 4)."""
    return label, chosen.rows(Duty.objects.visible_to(user), on=today, user=user).count(), chosen.url


def _chain(request, organisation: Organisation) -> list[Organisation]:
    """三级链条 upwards, as far as the reader may look."""
    ids = [int(step) for step in organisation.path.strip("/").split("/")][:-1]
    visible = {row.pk: row for row in Organisation.objects.visible_to(request.user).filter(pk__in=ids)}
    return [visible[pk] for pk in ids if pk in visible]


def _posts(organisation: Organisation, today) -> list[PostLine]:
    lines = {post.pk: PostLine(post) for post in organisation.posts.select_related("organisation__parent")}
    for tenure in Tenure.objects.filter(post__in=lines).select_related("person").order_by("-started_on", "-id"):
        line = lines[tenure.post_id]
        if tenure.started_on > today:
            line.coming.append(tenure)
        elif tenure.ended_on is None or tenure.ended_on >= today:
            line.holders.append(tenure)
        else:
            line.former.append(tenure)
    return sorted(lines.values(), key=lambda line: (line.post.abolished_on is not None, line.post.rank, line.post.pk))


# ── changes by the office ────────────────────────────────────────────────────────────────────


def _managed(request, organisation: Organisation) -> Organisation:
    if not access.may_manage_duties(request.user):
        raise PermissionDenied("组织、任职和分工由党委办公室维护。")
    return organisation


def _change(request, organisation: Organisation, form, title: str, verb, *, about: str = "", confirm: str = "保存"):
    """One form, one verb, back to the organisation; every refusal beside the field it names."""
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            said = verb(form.cleaned_data)
            messages.success(request, said)
            return redirect("organisation", pk=organisation.pk)
    context = {"organisation": organisation, "form": form, "title": title, "about": about, "confirm": confirm}
    return render(request, "organisations/change_page.html", context, status=400 if form.errors else 200)


def _post(request, pk: int) -> Post:
    visible = Organisation.objects.visible_to(request.user)
    return get_object_or_404(
        Post.objects.filter(organisation__in=visible).select_related("organisation__parent"), pk=pk
    )


@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request, pk: int):
    post = _post(request, pk)
    organisation = _managed(request, post.organisation)
    form = forms.AppointForm(request.POST or None, initial={"from_on": timezone.localdate()})

    def verb(data: dict) -> str:
        tenure, sheet = tenures.appoint(post, by=request.user, **data)
        said = f"{tenure.person.name}自 {tenure.started_on} 起{'主持' if tenure.is_acting else '任'}{post.full_title}{'工作' if tenure.is_acting else ''}。"
        return f"{said}已生成交接清单，并通知双方签字。" if sheet else said

    about = "原任者自起任日前一天离任；未完成的责任随岗位转给新任者，系统生成交接清单由双方签字。"
    return _change(request, organisation, form, f"任命：{post.full_title}", verb, about=about, confirm="确定任命")


@require_http_methods(["GET", "HEAD", "POST"])
def end_tenure(request, pk: int):
    visible = Organisation.objects.visible_to(request.user)
    rows = Tenure.objects.filter(post__organisation__in=visible).select_related("post__organisation__parent", "person")
    tenure = get_object_or_404(rows, pk=pk)
    organisation = _managed(request, tenure.post.organisation)
    form = forms.LastDayForm(request.POST or None, initial={"last_on": timezone.localdate()})

    def verb(data: dict) -> str:
        done = tenures.end_tenure(tenure, by=request.user, **data)
        return f"{tenure.person.name}于 {done.ended_on} 离任。"

    title = f"离任：{tenure.person.name}，{tenure.post.full_title}"
    about = "离任后岗位空缺，到期的责任会提醒上级；有人接任或主持工作时生成交接清单。"
    return _change(request, organisation, form, title, verb, about=about, confirm="确定离任")


@require_http_methods(["GET", "HEAD", "POST"])
def add_post(request, pk: int):
    organisation = _managed(request, _through_the_door(request, pk))
    form = forms.PostForm(request.POST or None)

    def verb(data: dict) -> str:
        return f"已设岗位：{tenures.add_post(organisation, by=request.user, **data).full_title}。"

    return _change(request, organisation, form, f"新设岗位：{organisation.full_name}", verb)


@require_http_methods(["GET", "HEAD", "POST"])
def abolish_post(request, pk: int):
    post = _post(request, pk)
    organisation = _managed(request, post.organisation)
    form = forms.AbolishPostForm(request.POST or None, initial={"on": timezone.localdate()})

    def verb(data: dict) -> str:
        return f"{tenures.abolish_post(post, by=request.user, **data).full_title}已撤销。"

    return _change(request, organisation, form, f"撤销岗位：{post.full_title}", verb, confirm="确定撤销")


@require_http_methods(["GET", "HEAD", "POST"])
def add_portfolio(request, pk: int):
    organisation = _managed(request, _through_the_door(request, pk))
    form = forms.PortfolioForm(request.POST or None, initial={"from_on": timezone.localdate()})

    def verb(data: dict) -> str:
        row = tenures.add_portfolio(data.pop("post"), organisation, by=request.user, **data)
        return f"{row.post.title}自 {row.started_on} 起{row.get_kind_display()[:2]}{organisation.full_name}。"

    return _change(request, organisation, form, f"新增分工：{organisation.full_name}", verb)


@require_http_methods(["GET", "HEAD", "POST"])
def end_portfolio(request, pk: int):
    visible = Organisation.objects.visible_to(request.user)
    rows = Portfolio.objects.filter(organisation__in=visible).select_related("post__organisation", "organisation")
    row = get_object_or_404(rows, pk=pk)
    organisation = _managed(request, row.organisation)
    form = forms.LastDayForm(request.POST or None, initial={"last_on": timezone.localdate()})

    def verb(data: dict) -> str:
        return f"分工于 {tenures.end_portfolio(row, by=request.user, **data).ended_on} 终止。"

    title = f"终止分工：{row.post.title}{row.get_kind_display()[:2]}{organisation.full_name}"
    return _change(request, organisation, form, title, verb, confirm="确定终止")


FORMS = {
    Kind.RENAME: forms.RenameForm,
    Kind.MOVE: forms.TargetForm,
    Kind.MERGE: forms.TargetForm,
    Kind.ABOLISH: forms.AbolishForm,
}


@require_http_methods(["GET", "HEAD", "POST"])
def reorganise(request, pk: int):
    """机构调整: fill in, see what it touches, confirm."""
    organisation = _managed(request, _through_the_door(request, pk))
    kind = request.GET.get("kind", "")
    if kind not in FORMS:
        raise ValidationError("请从组织页面选择改名、调整隶属、并入或撤销。")
    more = {"organisation": organisation, "kind": kind} if FORMS[kind] is forms.TargetForm else {}
    form = FORMS[kind](request.POST or None, initial={"on": timezone.localdate()}, **more)
    plan = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            plan = reorganisation.plan(
                organisation, kind, on=data["on"], name=data.get("name", ""), target=data.get("target")
            )
            if "confirm" in request.POST:
                reorganisation.carry_out(plan, by=request.user, reason=data["reason"])
                messages.success(request, f"已办理：{plan.sentence}")
                return redirect("organisation", pk=organisation.pk)
        except ValidationError as error:
            plan = None
            add_refusal(form, error)
    context = {"organisation": organisation, "form": form, "kind": Kind(kind), "plan": plan}
    return render(request, "organisations/reorganise_page.html", context, status=400 if form.errors else 200)
