"""文件流程: who drafts, reviews and signs a document, and the named transitions between its states (三（三）1).

起草 → 审核（一步或两步，可退回）→ 排版冻结 → 签署（一方或双方）→ 已签署; a revision starts again with a new version.
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accountability import access
from accountability.models import (
    Document,
    DocumentKind,
    Job,
    Organisation,
    Person,
    Portfolio,
    Post,
    Role,
    Signature,
    Tenure,
)
from accountability.workflow import Choice, Transition

State = Document.State
FREEZE = "freeze_document"  # the kind of job that sets a paper
STEP_LABELS = {"office": "党委办公室审核", "secretary": "党委书记审定", "unit": "上级党组织审核"}
STEP_WHO = {"office": "党委办公室", "secretary": "党委书记", "unit": "上级单位党组织书记"}


def may_write(user: Person, kind: DocumentKind, organisation: Organisation, post: Post | None) -> bool:
    """May ``user`` draft such a document? The school's office also drafts what the school signs with the units.

    What the secretary signs for the committee he may write himself (党委撰写总结评议书和书面报告).
    """
    if post is not None and post.pk in access.posts_of(user):
        return True
    if "leader" in kind.capacities and access.may_manage_duties(user):
        return True
    if kind.signing == DocumentKind.Signing.SECRETARY and access.holds(user, Role.SECRETARY):
        return True
    return access.may(user, "keep_record", organisation)


def _may_edit(user: Person, document: Document) -> bool:
    return may_write(user, document.kind, document.organisation, document.post)


def written_as(user: Person, document: Document) -> str:
    """修改人身份: the role in which ``user`` writes this document."""
    posts = access.posts_held(user)
    for fits in (
        lambda post: post.pk == document.post_id,
        lambda post: post.organisation_id == document.organisation_id,
        lambda post: post.role == Role.OFFICE,
        lambda post: True,
    ):
        if found := next((post for post in posts if fits(post)), None):
            return found.role
    return ""


def head_of(organisation: Organisation) -> Post | None:
    """单位负责人: the post whose holder signs for the organisation."""
    roles = {
        Organisation.Kind.SCHOOL: Role.SECRETARY,
        Organisation.Kind.COMMISSION: Role.DISCIPLINE,
        Organisation.Kind.BRANCH: Role.BRANCH_SECRETARY,
    }
    role = roles.get(organisation.kind, Role.UNIT_SECRETARY)
    return organisation.posts.filter(role=role, abolished_on=None).select_related("organisation__parent").first()


def signing_post(document: Document, capacity: str) -> Post | None:
    """以何岗位签署."""
    if capacity == Signature.Capacity.OWNER:
        return document.post
    if capacity == Signature.Capacity.LEADER:
        return document.leader_post
    if capacity == Signature.Capacity.HEAD:
        return head_of(document.organisation)
    return Post.objects.filter(role=Role.SECRETARY, organisation__kind=Organisation.Kind.SCHOOL).first()


def holders(post: Post | None, on: date) -> list[Person]:
    """Who holds the post on that day; the full holder before the acting one."""
    if post is None:
        return []
    tenures = Tenure.objects.in_office(on).filter(post=post).select_related("person").order_by("is_acting", "id")
    return [tenure.person for tenure in tenures]


def leader_for(organisation: Organisation, on: date) -> Post | None:
    """签署的校领导: the member in charge of the unit, then the one who keeps contact, then the first of the team."""
    members = Post.objects.filled(on).filter(role=Role.MEMBER).select_related("organisation")
    portfolio = Portfolio.objects.in_force(on).filter(organisation=organisation, post__in=members)
    in_charge = portfolio.order_by("kind", "post__rank", "id").select_related("post").first()
    return in_charge.post if in_charge else members.order_by("rank", "id").first()


def capacity_of(user: Person, document: Document) -> str:
    """In which capacity ``user`` would sign the current version, among those not yet signed; empty when in none."""
    posts = access.posts_of(user)
    signed = set(document.signatures.filter(version__number=document.latest).values_list("capacity", flat=True))
    for capacity in document.kind.capacities:
        post = signing_post(document, capacity)
        if capacity not in signed and post is not None and post.pk in posts:
            return capacity
    return ""


def is_signer(user: Person, document: Document) -> bool:
    posts = access.posts_of(user)
    owing = [signing_post(document, capacity) for capacity in document.kind.capacities]
    return any(post is not None and post.pk in posts for post in owing)


def step_now(document: Document) -> str:
    return document.steps[document.step] if document.step < len(document.steps) else ""


def reviewer_of(document: Document) -> str:
    return STEP_WHO.get(step_now(document), "审核人")


def may_take_step(user: Person, step: str, organisation: Organisation) -> bool:
    if step == "office":
        return access.may_manage_duties(user)
    if step == "secretary":
        return access.holds(user, Role.SECRETARY)
    return organisation.parent is not None and access.may(user, "confirm_record", organisation.parent)


def _may_review(user: Person, document: Document) -> bool:
    """签署人不审核自己要签署的文件 (四眼)."""
    return may_take_step(user, step_now(document), document.organisation) and not is_signer(user, document)


def _may_sign(user: Person, document: Document) -> bool:
    passed = document.reviews.filter(version__number=document.latest, verdict="passed", by=user)
    return bool(capacity_of(user, document)) and not passed.exists()


def setting_failed(document: Document) -> Job | None:
    """The last attempt to set the paper, when it failed and none is under way."""
    last = Job.objects.filter(kind=FREEZE, key=str(document.pk)).order_by("-created_at", "-id").first()
    return last if last is not None and last.state == Job.State.FAILED else None


def _may_retry(user: Person, document: Document) -> bool:
    return (_may_edit(user, document) or access.may_manage_duties(user)) and setting_failed(document) is not None


def signer_words(document: Document) -> str:
    """校领导陆知行和单位负责人沈若愚: who is still to sign."""
    today = timezone.localdate()
    words = []
    for capacity in document.kind.capacities:
        names = "、".join(person.name for person in holders(signing_post(document, capacity), today))
        words.append(f"{Signature.Capacity(capacity).label}{names or '（暂无人任职）'}")
    return "和".join(words)


DOCUMENT_TRANSITIONS = {
    transition.name: transition
    for transition in (
        Transition(
            "submit",
            "送审",
            (State.DRAFT, State.RETURNED),
            State.IN_REVIEW,
            _may_edit,
            "起草单位或本人",
            is_primary=True,
        ),
        Transition(
            "pass",
            "审核通过",
            (State.IN_REVIEW,),
            State.APPROVED,
            _may_review,
            reviewer_of,
            four_eyes=True,
            is_primary=True,
        ),
        Transition(
            "return",
            "退回",
            (State.IN_REVIEW,),
            State.RETURNED,
            _may_review,
            reviewer_of,
            four_eyes=True,
            reason_at_least=4,
        ),
        Transition("retry", "重新排版", (State.APPROVED,), State.APPROVED, _may_retry, "起草单位或党委办公室"),
        Transition(
            "sign",
            "签署",
            (State.TO_SIGN,),
            State.SIGNED,
            _may_sign,
            signer_words,
            is_primary=True,
            has_own_page=True,
        ),
        Transition(
            "decline",
            "不签，退回修改",
            (State.TO_SIGN,),
            State.RETURNED,
            _may_sign,
            signer_words,
            reason_at_least=4,
        ),
        Transition(
            "revise",
            "修订（另成新版）",
            (State.SIGNED,),
            State.DRAFT,
            _may_edit,
            "起草单位或本人",
            reason_at_least=4,
        ),
        Transition(
            "withdraw",
            "作废",
            (State.DRAFT, State.RETURNED, State.IN_REVIEW, State.TO_SIGN),
            State.WITHDRAWN,
            _may_edit,
            "起草单位或本人",
            reason_at_least=4,
        ),
    )
}


def choices_for(document: Document, user: Person) -> list[Choice]:
    """您可以办理: what ``user`` could do to the document now; closed ones with their reason where it helps."""
    choices = [
        Choice(transition, transition.refusal(document, user))
        for transition in DOCUMENT_TRANSITIONS.values()
        if document.state in transition.sources
    ]
    told = {"pass", "sign"}  # the others are simply not shown to who may not
    return [choice for choice in choices if choice.is_open or choice.transition.name in told]


def waiting_for(user: Person) -> QuerySet[Document]:
    """待我办理: what ``user`` is to review, to sign or to mend; one query, so that the frame can count it."""
    signed = Signature.objects.filter(document=OuterRef("pk"), version__number=OuterRef("latest"), person=user)
    to_review = Q(state=State.IN_REVIEW) & _reviewed_by(user) & ~Q(submitted_by=user)
    to_sign = Q(state=State.TO_SIGN) & _signed_by(user) & ~Exists(signed)
    to_mend = Q(state=State.RETURNED) & (Q(submitted_by=user) | Q(post__in=access.posts_of(user)))
    return Document.objects.visible_to(user).filter(to_review | to_sign | to_mend)


NOBODY = Q(pk__in=())


def _heads_commission(post: Post) -> bool:
    return post.role == Role.DISCIPLINE and post.organisation.kind == Organisation.Kind.COMMISSION


def _reviewed_by(user: Person) -> Q:
    steps = NOBODY
    if access.may_manage_duties(user):
        steps |= Q(kind__review="office") | Q(kind__review="office,secretary", step=0)
        steps |= Q(kind__review="none", kind__signing="secretary")  # sent up by the secretary himself
    if access.holds(user, Role.SECRETARY):
        steps |= Q(kind__review="secretary") | Q(kind__review="office,secretary", step=1)
    parents = access.organisations_where(user, "confirm_record")
    return steps | Q(kind__review="unit", organisation__parent__in=parents)


def _signed_by(user: Person) -> Q:
    posts = access.posts_held(user)
    ids = [post.pk for post in posts]
    heads = (Role.UNIT_SECRETARY, Role.BRANCH_SECRETARY, Role.SECRETARY)
    headed = [post.organisation_id for post in posts if post.role in heads or _heads_commission(post)]
    signs = Q(kind__signing="owner", post__in=ids) | Q(kind__signing="leader,head", leader_post__in=ids)
    signs |= Q(kind__signing__in=("head", "leader,head"), organisation__in=headed)
    return signs | Q(kind__signing="secretary") if access.holds(user, Role.SECRETARY) else signs
