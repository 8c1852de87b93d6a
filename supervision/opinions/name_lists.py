"""人选名单: names as people paste them, one a line, read into persons; every line that is not clear is named."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from accountability.models import Person, Role, Tenure

LINES_AT_MOST = 100
ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


def people_named(text: str) -> list[Person]:
    """人选 in the order of their lines: a name, and after a blank, where names coincide, a unit or user name.

    Raises ValidationError with one sentence for each line that names nobody, several people, or somebody twice.
    """
    lines = [line.replace("\u3000", " ").replace("，", " ").replace(",", " ").split() for line in text.splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        raise ValidationError("请写明人选，每行一人。")
    if len(lines) > LINES_AT_MOST:
        raise ValidationError(f"一次最多 {LINES_AT_MOST} 人，现在有 {len(lines)} 行，请分次征求。")
    known = _known({line[0] for line in lines})
    found: list[Person] = []
    complaints = []
    for number, (name, *hints) in enumerate(lines, 1):
        matches = _narrowed(known.get(name, []), hints)
        if len(matches) == 1 and matches[0] not in found:
            found.append(matches[0])
        else:
            complaints.append(f"第 {number} 行「{name[:20]}」：{_complaint(name, matches, known, found)}")
    if complaints:
        raise ValidationError(complaints[:20])
    return found


def _complaint(name: str, matches: list[Person], known: dict, found: list[Person]) -> str:
    if len(matches) == 1:
        return "与前面的一行是同一位同志。"
    if len(matches) > 1:
        told = "、".join(f"{one.username}（{one.words or '暂无岗位'}）" for one in matches[:5])
        return f"有 {len(matches)} 位同名，请在姓名后空一格写单位或用户名：{told}。"
    if name in known:
        return "有这位同志，但姓名后写的单位或用户名不符。"
    return "人员名单中没有这位同志，请核对姓名，或请系统管理员先建立人员。"


def _known(names: set[str]) -> dict[str, list[Person]]:
    """Active people of these names with their posts in ``words``; the three administrators are no candidates."""
    people = list(
        Person.objects.filter(name__in=names, is_active=True, is_superuser=False)
        .exclude(username="system")
        .order_by("pk")
    )
    held = Tenure.objects.in_office(timezone.localdate()).filter(person__in=people)
    posts: dict[int, list] = {}
    for one in held.select_related("post__organisation__parent").order_by("post__rank", "pk"):
        posts.setdefault(one.person_id, []).append(one.post)
    known: dict[str, list[Person]] = {}
    for person in people:
        theirs = posts.get(person.pk, [])
        if not any(post.role in ADMINISTRATORS for post in theirs):
            person.words = "、".join(dict.fromkeys(post.full_title for post in theirs))
            known.setdefault(person.name, []).append(person)
    return known


def _narrowed(people: list[Person], hints: list[str]) -> list[Person]:
    if not hints:
        return people
    fitting = [one for one in people if all(hint == one.username or hint in one.words for hint in hints)]
    # Where there is only one of the name, what stands behind it (a post, a remark) need not be ours.
    return fitting or (people if len(people) == 1 else [])
