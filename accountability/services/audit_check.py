"""校验审计链: read all of it, archives included, and name what was changed, taken out, put in, moved or cut off.

Rows are streamed, so memory stays flat. What has no seal yet is no fault as long as it is young.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from django.db import connections, router
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from accountability.auditing import anchor, seals, triggers
from accountability.models import AuditArchive, AuditEvent, AuditSeal, Notice, Person, Role, Tenure
from accountability.services import audit
from accountability.services.audit_archive import Unreadable, links_in, signature_of
from accountability.services.notices import notify
from accountability.services.sealing import unsealed

log = logging.getLogger(__name__)
VERIFIED = audit.register("audit_verified", "校验审计链")
ANCHORED = audit.register("audit_anchored", "重设审计锚点")
NAMED = 1000  # faults named one by one; beyond them only their number is told
UNSEALED_FOR = timedelta(minutes=10)
CHUNK = 2000

CHANGED, REMOVED, INSERTED, REORDERED, TRUNCATED = "changed", "removed", "inserted", "reordered", "truncated"
ARCHIVE, ANCHOR, UNSEALED, UNGUARDED = "archive", "anchor", "unsealed", "unguarded"
LABELS = {
    CHANGED: "内容被修改",
    REMOVED: "被删除",
    INSERTED: "被插入",
    REORDERED: "次序被调换",
    TRUNCATED: "末尾被截断",
    ARCHIVE: "归档缺失或被改动",
    ANCHOR: "与锚点不符",
    UNSEALED: "一直没有封存",
    UNGUARDED: "防篡改触发器不在",
}


@dataclass(frozen=True)
class Fault:
    """问题: what is wrong, with which link of the chain and which event."""

    what: str
    words: str
    seq: int | None = None
    event: int | None = None


@dataclass
class Finding:
    """校验结果."""

    events: int = 0
    archived: int = 0
    young: int = 0
    seconds: float = 0.0
    last_seq: int = 0
    count: int = 0
    faults: list[Fault] = field(default_factory=list)

    def fault(self, what: str, words: str, seq: int | None = None, event: int | None = None) -> None:
        self.count += 1
        if len(self.faults) < NAMED:
            self.faults.append(Fault(what, words, seq, event))

    @property
    def is_sound(self) -> bool:
        return not self.count

    def as_data(self) -> dict:
        return {**asdict(self), "is_sound": self.is_sound}


@dataclass(frozen=True)
class Link:
    """One seal with the plain values of its event, or none where the event is gone."""

    seq: int
    previous: str
    hash: str
    event: int
    values: list | None


def check(*, with_archives: bool = True) -> Finding:
    """Anchors are read first: they only grow, so the chain must reach them. Outside any transaction it blocks nobody."""
    began, found = time.perf_counter(), Finding()
    anchored = _anchors(found)
    chain = _Chain(found, anchored)
    for archive in AuditArchive.objects.order_by("first_seq"):
        _check_archive(archive, chain, with_archives=with_archives)
    for link in links():
        chain.take(link)
        found.events += 1
    chain.end()
    _check_loose(found)
    if not triggers.are_in_place(router.db_for_write(AuditEvent)):
        found.fault(UNGUARDED, "数据库里的防篡改触发器不在，审计日志可以被修改：请运行 migrate 重新建立。")
    found.seconds = round(time.perf_counter() - began, 3)
    return found


def check_and_tell(*, by: Person, with_archives: bool = True) -> Finding:
    """校验, and an event of it, which the auditor's page shows as the last one."""
    found = check(with_archives=with_archives)
    audit.record(
        VERIFIED,
        by=by,
        result=audit.DONE if found.is_sound else audit.FAILED,
        links=found.events + found.archived,
        faults=found.count,
        last_seq=found.last_seq,
    )
    if not found.is_sound:
        log.error("audit: the chain has %d faults; run verify_audit", found.count)
        _alarm(found)
    return found


def _alarm(found: Finding) -> None:
    """告知审计管理员 at once: whoever broke the chain does not wait for him to look at his page."""
    auditors = Person.objects.filter(
        pk__in=Tenure.objects.in_office(timezone.localdate()).filter(post__role=Role.AUDIT_ADMIN).values("person"),
        is_active=True,
    )
    kinds = "、".join(dict.fromkeys(LABELS[fault.what] for fault in found.faults))
    title = f"审计链不完整：校验发现 {found.count} 处问题"
    body = f"{kinds}。请让系统管理员在服务器上运行 manage.py verify_audit 查明原因，并保留现场。"
    notify(auditors, kind=Notice.Kind.AUDIT, title=title, body=body, url=reverse("audit"))


def links(first: int = 0, last: int | None = None) -> Iterator[Link]:
    """Seals in order, with their events, from a cursor on the server; bare columns, for models would cost most of the time."""
    columns = ", ".join(f"e.{name}" for name in seals.FIELDS)
    ask = (
        f"SELECT s.seq, s.previous, s.hash, s.event_id, {columns} FROM {triggers.SEALS} s "  # noqa: S608
        f"LEFT JOIN {triggers.EVENTS} e ON e.id = s.event_id WHERE s.seq >= %s AND s.seq <= %s ORDER BY s.seq"
    )
    with connections[router.db_for_write(AuditSeal)].chunked_cursor() as cursor:
        cursor.execute(ask, [first, last if last is not None else 2**62])
        while rows := cursor.fetchmany(CHUNK):
            for row in rows:
                yield Link(row[0], row[1], row[2], row[3], seals.plain(row[4:]) if row[4] is not None else None)


class _Chain:
    """What is known while walking along it."""

    def __init__(self, found: Finding, anchored: dict[int, str]) -> None:
        self.found, self.anchored = found, anchored
        self.seq, self.hash = 0, seals.START
        self.reached = max(anchored, default=0)
        self.odd: list[Link] = []  # content that does not fit its seal: exchanged with one another, or changed

    def take(self, link: Link) -> None:
        if link.seq > self.seq + 1:
            self._gap(self.seq + 1, link.seq - 1)
        elif link.seq <= self.seq:
            self.found.fault(INSERTED, f"链序号 {link.seq} 出现了两次。", link.seq, link.event)
        if link.seq == self.seq + 1 and link.previous != self.hash:
            self.found.fault(
                REORDERED,
                f"第 {link.seq} 条没有接在第 {link.seq - 1} 条之后：次序被调换或被替换。",
                link.seq,
                link.event,
            )
        if link.values is None:
            self.found.fault(REMOVED, f"第 {link.seq} 条所封存的事件 {link.event} 被删除。", link.seq, link.event)
        elif seals.hash_of(link.previous, link.values) != link.hash:
            self.odd.append(link) if len(self.odd) < NAMED else self._changed(link)
        if self.anchored.get(link.seq, link.hash) != link.hash:
            self.found.fault(
                ANCHOR, f"第 {link.seq} 条的哈希与库外锚点不符：其后的链条被重新计算过。", link.seq, link.event
            )
        self.seq, self.hash = max(self.seq, link.seq), link.hash

    def _gap(self, first: int, last: int) -> None:
        words = f"第 {first} 条" if first == last else f"第 {first} 至 {last} 条"
        self.found.fault(REMOVED, f"{words}（共 {last - first + 1} 条）连同封存被删除。", first)

    def skip(self, archive: AuditArchive) -> None:
        """Past an archive whose file is not read: what its signed row says of its ends."""
        if archive.first_seq != self.seq + 1 or archive.previous != self.hash:
            self.found.fault(ARCHIVE, f"归档 {archive.name} 没有接在第 {self.seq} 条之后。", archive.first_seq)
        self.seq, self.hash = archive.last_seq, archive.last_hash

    def end(self) -> None:
        self._tell_of_odd()
        self.found.last_seq = self.seq
        if self.reached > self.seq:
            gone = self.reached - self.seq
            self.found.fault(
                TRUNCATED,
                f"库外锚点到第 {self.reached} 条，库里只到第 {self.seq} 条：末尾 {gone} 条被截断。",
                self.seq + 1,
            )

    def _tell_of_odd(self) -> None:
        """An exchanged row fits the seal of another: then it was moved, not changed."""
        places = {self._content(link.values): link for link in self.odd} if len(self.odd) < NAMED else {}
        for link in self.odd:
            other = self._home(link, places.values())
            if other:
                self.found.fault(
                    REORDERED,
                    f"第 {link.seq} 条（事件 {link.event}）的内容是第 {other.seq} 条（事件 {other.event}）的：次序被调换。",
                    link.seq,
                    link.event,
                )
            else:
                self._changed(link)

    @staticmethod
    def _content(values: list) -> str:
        return seals.dumps(values[1:])

    @staticmethod
    def _home(link: Link, others) -> Link | None:
        for other in others:
            if other is not link:
                for number in {other.event, link.values[0], other.values[0]}:
                    if seals.hash_of(other.previous, [number, *link.values[1:]]) == other.hash:
                        return other
        return None

    def _changed(self, link: Link) -> None:
        stamped = "" if seals.is_stamped(link.values) else "，校验码也不符"
        self.found.fault(
            CHANGED, f"第 {link.seq} 条（事件 {link.event}）与封存时不同：内容被修改{stamped}。", link.seq, link.event
        )


def _anchors(found: Finding) -> dict[int, str]:
    known: dict[int, str] = {}
    try:
        now = anchor.current()
    except (ValueError, OSError):
        now = None
        found.fault(ANCHOR, "锚点文件 anchor 无法读取，或不是本系统写的。")
    else:
        if now is None and AuditSeal.objects.exists():
            found.fault(ANCHOR, "锚点文件 anchor 缺失：无法判断末尾是否被截断。恢复数据后请运行 anchor_audit。")
    for number, earlier in anchor.earlier():
        if earlier is None:
            found.fault(ANCHOR, f"anchors.log 第 {number} 行不是本系统写的。")
        else:
            known[earlier.seq] = earlier.hash
    if now:
        if known.get(now.seq, now.hash) != now.hash:
            found.fault(ANCHOR, f"anchor 与 anchors.log 对第 {now.seq} 条的记载不同。", now.seq)
        known[now.seq] = now.hash
    return known


def _check_archive(archive: AuditArchive, chain: _Chain, *, with_archives: bool) -> None:
    if archive.signature != signature_of(archive):
        chain.found.fault(ARCHIVE, f"归档 {archive.name} 的登记不是本系统写的，或被改动。", archive.first_seq)
    if not with_archives:
        chain.found.archived += archive.count
        return chain.skip(archive)
    try:
        before = chain.seq
        if archive.first_seq != before + 1 or archive.previous != chain.hash:
            chain.found.fault(ARCHIVE, f"归档 {archive.name} 没有接在第 {before} 条之后。", archive.first_seq)
            chain.seq, chain.hash = archive.first_seq - 1, archive.previous
        for seq, previous, hash_, values in links_in(archive):
            chain.take(Link(seq, previous, hash_, values[0], values))
            chain.found.archived += 1
    except Unreadable as error:
        chain.found.fault(ARCHIVE, f"归档 {archive.name}：{error}", archive.first_seq)
    if (chain.seq, chain.hash) != (archive.last_seq, archive.last_hash):
        chain.found.fault(ARCHIVE, f"归档 {archive.name} 的末条与登记不符。", archive.last_seq)
        chain.seq, chain.hash = archive.last_seq, archive.last_hash
    return None


def _check_loose(found: Finding) -> None:
    """Events that no seal follows: young ones wait, old ones were missed, and what bears no stamp was put in by others."""
    young_since = timezone.now() - UNSEALED_FOR
    for event in unsealed(None, None).iterator(chunk_size=CHUNK):
        if not seals.is_stamped(seals.values_of(event)):
            found.fault(INSERTED, f"事件 {event.pk} 不是本系统写的：被插入，或在封存前被修改。", event=event.pk)
        elif event.at < young_since:
            found.fault(
                UNSEALED,
                f"事件 {event.pk}（{timezone.localtime(event.at):%Y-%m-%d %H:%M}）一直没有封存。",
                event=event.pk,
            )
        else:
            found.young += 1
    for twice in AuditEvent.objects.values("stamp").annotate(rows=Count("pk")).filter(rows__gt=1).order_by()[:NAMED]:
        for pk in AuditEvent.objects.filter(stamp=twice["stamp"]).order_by("pk").values_list("pk", flat=True)[1:]:
            found.fault(INSERTED, f"事件 {pk} 是另一事件的复制：被插入。", event=pk)
