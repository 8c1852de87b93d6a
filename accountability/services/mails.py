"""邮件: the words of a digest, of a notice sent at once and of a test, as HTML and as text."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accountability.models import Delivery, Digest, Notice, Person
from accountability.services.digests import Group, groups_of, shown_in
from accountability.services.outbox import has_address


def mail_of(delivery: Delivery) -> EmailMultiAlternatives | None:
    """The mail of this delivery; None when nothing is left to say."""
    if delivery.digest_id:
        return _digest_mail(delivery.digest)
    if delivery.notice_id:
        return _notice_mail(delivery.notice)
    return _test_mail(delivery)


def _digest_mail(digest: Digest) -> EmailMultiAlternatives | None:
    groups = groups_of(digest)
    if not groups or not has_address(digest.recipient):
        return None
    counts = "，".join(f"{group.title} {len(group.lines)} 项" for group in groups)
    context = {"day": digest.day, "groups": groups, "sentence": f"以下是您的待办提醒（{digest.day}）。"}
    return _mail(digest.recipient, f"四责协同 {digest.day}：{counts}", "digest", digest.pk, context)


def _notice_mail(notice: Notice) -> EmailMultiAlternatives | None:
    if not has_address(notice.recipient):
        return None
    group = Group(notice.get_kind_display(), "soon", [shown_in(notice)])
    context = {"groups": [group], "sentence": "有一件事需要您及时办理，因此单独发给您。"}
    return _mail(notice.recipient, f"四责协同：{notice.title}", "notice", notice.pk, context)


def _test_mail(delivery: Delivery) -> EmailMultiAlternatives:
    sentence = "这是一封试发邮件，由系统管理员在渠道页面发出。收到它，说明邮件渠道工作正常。"
    return _mail(delivery.asked_by, "四责协同：试发邮件", "test", delivery.pk, {"groups": [], "sentence": sentence})


def _mail(to: Person, subject: str, what: str, pk: int, context: dict) -> EmailMultiAlternatives:
    site = site_address()
    context |= {
        "recipient": to,
        "site": site,
        "notices_url": site + reverse("notices"),
        "preferences_url": site + reverse("notice_preferences"),
    }
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split())[:200],
        body=render_to_string("notices/mail.txt", context),
        to=[to.email],
        headers={
            "Message-ID": message_id(what, pk),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{context['preferences_url']}>",
        },
    )
    mail.attach_alternative(render_to_string("notices/mail.html", context), "text/html")
    return mail


def message_id(what: str, pk: int) -> str:
    """Fixed per digest or notice, so that a mail repeated after a crash is known for the same one."""
    host = urlsplit(settings.SITE_ADDRESS).hostname or "localhost"
    return f"<{what}-{pk}@{host.encode('idna').decode('ascii')}>"


def site_address() -> str:
    return settings.SITE_ADDRESS.rstrip("/")
