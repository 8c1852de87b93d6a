"""任职: invented people in the imported posts, since before the ledger began; a few posts stay vacant on purpose."""

from datetime import date

from accountability.models import Organisation, Person, Post, Role, Tenure
from accountability.models.history import create_with_history
from supervision.demo.accounts import ACCOUNTS, Account
from supervision.demo.names import invented

REASON = "录入任职"
SINCE = date(2024, 9, 1)
# Nobody has come since the predecessor retired: the next opening shows the gap.
RETIRED_UNIT, RETIRED_ON = "图书馆", date(2025, 12, 31)
# A change in the middle of the year: the duties stay with the post.
CHANGED_UNIT, CHANGED_ON = "外国语学院", date(2025, 8, 31)
VACANT_BRANCHES = (("后勤保障处", "第四党支部"), ("外国语学院", "第六党支部"))
# One person, two posts: the 纪委书记 sits in the 班子 and leads the commission.
SECOND_POST = ("纪委书记", Role.MEMBER), ("纪委书记", Role.DISCIPLINE)


def appoint(*, by: Person) -> None:
    """Fill the posts: the accounts' holders by name, the others with whoever comes."""
    posts = list(Post.objects.select_related("organisation__parent"))
    tenures = _named(posts) + _unnamed(posts)
    people = {id(tenure.person): tenure.person for tenure in tenures}
    create_with_history(list(people.values()), by=by, reason="建立人员")
    create_with_history(tenures, by=by, reason=REASON)


def _named(posts: list[Post]) -> list[Tenure]:
    return [_tenure(_post_of(account, posts), _person(account)) for account in ACCOUNTS]


def _person(account: Account) -> Person:
    return Person(username=account.username, name=account.name, email=account.email, password="!")  # noqa: S106


def _post_of(account: Account, posts: list[Post]) -> Post:
    wanted = (account.place, account.role, account.title)
    return next(post for post in posts if (place_of(post.organisation), post.role, post.title) == wanted)


def place_of(organisation: Organisation) -> str:
    """会计学院, 会计学院/第一党支部."""
    if organisation.kind == Organisation.Kind.BRANCH:
        return f"{organisation.parent.name}/{organisation.name}"
    return organisation.name


def _tenure(post: Post, person: Person, started_on: date = SINCE, ended_on: date | None = None) -> Tenure:
    return Tenure(post=post, person=person, started_on=started_on, ended_on=ended_on)


def _unnamed(posts: list[Post]) -> list[Tenure]:
    """Everybody nobody signs in as: 用户名 u001…, no usable password, and no address, so that no mail goes out."""
    accounts = {(account.place, account.role, account.title) for account in ACCOUNTS}
    names = invented({account.name for account in ACCOUNTS})
    newcomers = (Person(username=f"u{number:03d}", name=name, password="!") for number, name in enumerate(names, 1))  # noqa: S106
    tenures = []
    for post in posts:
        place = place_of(post.organisation)
        if (place, post.role, post.title) in accounts or tuple(place.split("/")) in VACANT_BRANCHES:
            continue
        if (post.title, post.role) != SECOND_POST[1]:
            tenures += _holders(post, newcomers)
    head = next(tenure.person for tenure in tenures if (tenure.post.title, tenure.post.role) == SECOND_POST[0])
    commission_post = next(post for post in posts if (post.title, post.role) == SECOND_POST[1])
    return [*tenures, _tenure(commission_post, head)]


def _holders(post: Post, newcomers) -> list[Tenure]:
    if post.role == Role.UNIT_SECRETARY and post.organisation.name == RETIRED_UNIT:
        return [_tenure(post, next(newcomers), ended_on=RETIRED_ON)]
    if post.role == Role.UNIT_SECRETARY and post.organisation.name == CHANGED_UNIT:
        successor_on = CHANGED_ON.replace(month=CHANGED_ON.month + 1, day=1)
        return [
            _tenure(post, next(newcomers), ended_on=CHANGED_ON),
            _tenure(post, next(newcomers), started_on=successor_on),
        ]
    return [_tenure(post, next(newcomers))]
