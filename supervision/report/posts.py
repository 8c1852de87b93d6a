"""校领导: one row a leader, what he did of each thing asked of him (二（三）, 二（四）)."""

from accountability.models import Light, Obligation, Post, Role
from supervision.report.ledger import IN_A_TABLE, Ledger, column, table
from supervision.report.units import light_of_unit

LEADERS = "校领导履责情况"


def leaders(ledger: Ledger) -> None:
    """Only in the annex: what stands there of one person is no matter for the text."""
    posts = Post.objects.filter(pk__in=ledger.duties().by["owner"], role__in=(Role.SECRETARY, Role.MEMBER))
    posts = list(posts.select_related("organisation__parent").order_by("rank", "pk"))
    asked = _asked(ledger, posts)
    rows = [_row(ledger, post, asked) for post in posts]
    if not rows:
        return
    heads = [
        column("职务", "left"), column("责任事项"), column("已完成"), column("逾期未完成"), column("完成率"),
        *(column(each.short_title) for each in asked), column("状态", "left"),
    ]  # fmt: skip
    exhibit = table(
        "校领导履责情况", "二（三）、二（四）", "项", heads, [{"name": "", "rows": rows}],
        note=f"{'、'.join(each.short_title for each in asked)}各列为已完成的项数，“—”为不承担。" if asked else "",
    )  # fmt: skip
    ledger.show(LEADERS, exhibit)


def _asked(ledger: Ledger, posts: list[Post]) -> list[Obligation]:
    """What the regulation asks of each leader; 交办 of one alone has no column."""
    members = {post.pk for post in posts if post.role == Role.MEMBER}
    found = {row.obligation for row in ledger.duties().rows if row.owner in members and row.obligation}
    personal = ("each_member", "each_leader")
    return list(Obligation.objects.filter(pk__in=found, bearer__in=personal).order_by("rank", "pk"))


def _row(ledger: Ledger, post: Post, asked: list[Obligation]) -> list:
    chosen = ledger.everything.but(owner=post.pk)
    standing = ledger.standing(post.full_title, chosen, "L", IN_A_TABLE)
    cells = []
    for obligation in asked:
        narrowed = chosen.but(obligation=obligation.pk)
        if not ledger.select(narrowed):
            cells.append("—")
            continue
        done = ledger.take(f"{post.full_title}{obligation.short_title}", narrowed.but(states=(Light.DONE,)), series="L")
        cells.append({"figure": done["code"]})
    light = light_of_unit(standing.value("late"), standing.value("owed"))
    return [post.full_title, *standing.cells("owed", "done", "late", "rate"), *cells, light]
