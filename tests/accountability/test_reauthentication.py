"""重新验证: what binds, decides, grants or opens the confidential asks again, and nothing typed is lost (8.1.4.1)."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accountability import reauthentication
from accountability.models import AuditEvent, Record
from accountability.reauthentication import DECIDING, doors
from accountability.workflow import Transition
from tests import acts, cast
from tests.accountability.test_second_factor import bound, code_of
from tests.supervision import talks as confidential

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quarter_of_an_hour(settings):
    settings.REAUTH_MINUTES = 15


@pytest.fixture
def stale(login, clock):
    """``stale("office")``: signed in twenty minutes ago."""

    def as_(username: str) -> Client:
        client = login(username)
        clock.shift(timedelta(minutes=20))
        return client

    return as_


@pytest.fixture
def record(people) -> Record:
    """Waits for the secretary of the unit."""
    return acts.record(people["liaison"], cast.organisation(cast.OURS), "duty-report")


def hidden(answer) -> list[tuple[str, str]]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', answer.content.decode())
    return [(unescape(name), unescape(value)) for name, value in found if name != "csrfmiddlewaretoken"]


def carried(answer) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in hidden(answer):
        fields.setdefault(name, []).append(value)
    return fields


def events() -> list[str]:
    return list(AuditEvent.objects.filter(kind="reauthentication").order_by("pk").values_list("result", flat=True))


def decide(client: Client, record: Record, **more):
    return client.post(f"/records/{record.pk}/decide/", {"transition": "accept", "reason": "", **more})


# ── forms ────────────────────────────────────────────────────────────────────────────────────


def test_a_fresh_login_is_proof_enough(login, record):
    assert decide(login("unit_secretary"), record).status_code == 302
    record.refresh_from_db()
    assert record.state == "accepted"


def test_an_old_one_is_asked_again_and_nothing_is_written(stale, record):
    answer = decide(stale("unit_secretary"), record)
    assert answer.status_code == 403
    assert "还没有提交" in answer.content.decode()
    record.refresh_from_db()
    assert record.state != "accepted"


def test_with_the_proof_the_very_same_fields_arrive(stale, record):
    client = stale("unit_secretary")
    typed = '两行\n"引号" <b>&amp;</b> ， 末尾'
    asked = decide(client, record, reason=typed, many=["一", "二"], empty="")
    assert f'action="/records/{record.pk}/decide/"' in asked.content.decode()
    fields = carried(asked)
    assert fields == {"transition": ["accept"], "reason": [typed], "many": ["一", "二"], "empty": [""]}
    answer = client.post(f"/records/{record.pk}/decide/", {**fields, "proof-secret": cast.PASSWORD})
    assert answer.status_code == 302
    record.refresh_from_db()
    assert record.state == "accepted"
    assert typed.split("\n")[0] in record.history.first().history_change_reason
    assert events() == ["done"]


def test_the_proof_itself_does_not_reach_the_page(stale, record, monkeypatch):
    seen = {}
    client = stale("unit_secretary")

    def look(request):
        seen.update(request.POST)

    original = reauthentication.ask
    monkeypatch.setattr(reauthentication, "ask", lambda request: (original(request), look(request))[0])
    decide(client, record, **{"proof-secret": cast.PASSWORD, "proof-files": "{}"})
    assert set(seen) == {"transition", "reason"}


def test_a_wrong_password_keeps_the_fields_and_is_told_and_counted(stale, record):
    client = stale("unit_secretary")
    answer = decide(client, record, reason="已核", **{"proof-secret": "wrong"})
    assert answer.status_code == 403
    assert "密码不对" in answer.content.decode()
    assert carried(answer)["reason"] == ["已核"]
    assert "wrong" not in answer.content.decode()
    assert events() == ["failed"]
    record.refresh_from_db()
    assert record.state != "accepted"


def test_five_wrong_ones_end_the_session(stale, record):
    client = stale("unit_secretary")
    answers = [decide(client, record, **{"proof-secret": "wrong"}) for _ in range(5)]
    assert answers[-1]["Location"] == "/login/"
    assert "_auth_user_id" not in client.session
    assert "已退出登录" in client.get("/login/").content.decode()


def test_what_decides_nothing_asks_nothing(stale, record):
    client = stale("unit_secretary")
    answer = client.post(f"/records/{record.pk}/decide/", {"transition": "return", "reason": "请补充附件材料"})
    assert answer.status_code == 302
    record.refresh_from_db()
    assert record.state == "returned"


def test_one_proof_serves_a_quarter_of_an_hour(stale, record, clock):
    client = stale("unit_secretary")
    asked = client.post("/reauthenticate/?next=/records/", {"secret": cast.PASSWORD})
    assert asked["Location"] == "/records/"
    clock.shift(timedelta(minutes=14))
    assert decide(client, record).status_code == 302


def test_a_clock_set_back_gives_no_proof_for_ever(login, record, clock):
    client = login("unit_secretary")
    clock.shift(timedelta(hours=-2))
    assert decide(client, record).status_code == 403


def test_the_form_that_asks_has_a_token_of_this_session(stale, record):
    client = Client(enforce_csrf_checks=True)
    client.cookies.update(stale("unit_secretary").cookies)
    client.get("/records/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/records/").content.decode()).group(1)
    asked = decide(client, record, csrfmiddlewaretoken=token)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', asked.content.decode()).group(1)
    proof = {"proof-secret": cast.PASSWORD}
    assert "页面已过期" in decide(client, record, **proof).content.decode()
    assert decide(client, record, csrfmiddlewaretoken=token, **proof).status_code == 302


def test_files_are_chosen_again_and_a_form_is_not_sent_on_without_them(stale, people):
    client = stale("discipline")
    address = "/clauses/versions/1/enact/"  # any address that asks for all it is sent
    file = SimpleUploadedFile("方案.pdf", acts.PDF)
    asked = client.post(address, {"words": "甲", "files": [file]})
    text = asked.content.decode()
    assert "请再选一次：方案.pdf" in text
    assert 'enctype="multipart/form-data"' in text
    told = carried(asked)["proof-files"][0]
    without = client.post(address, {"words": "甲", "proof-files": told, "proof-secret": cast.PASSWORD})
    assert without.status_code == 403
    assert "已验证" in without.content.decode()
    assert "请再选一次：方案.pdf" in without.content.decode()
    again = SimpleUploadedFile("方案.pdf", acts.PDF)
    through = client.post(address, {"words": "甲", "proof-files": told, "files": [again]})
    assert "还没有提交" not in through.content.decode()
    assert "只有党委办公室" in through.content.decode() or through.status_code in (403, 404)


@pytest.mark.parametrize("said", ["", "x", "[]", "1", '{"a": 1}', '{"a": []}', "[" * 2000, '{"files": [1, {}]}'])
def test_odd_words_of_files_do_no_harm(stale, record, said):
    answer = decide(stale("unit_secretary"), record, **{"proof-files": said, "proof-secret": cast.PASSWORD})
    assert answer.status_code in (302, 403)


def test_a_fragment_that_posts_gets_the_whole_page(stale, record):
    client = stale("unit_secretary")
    answer = client.post(f"/records/{record.pk}/decide/", {"transition": "accept"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "body")
    assert carried(answer) == {"transition": ["accept"]}


def test_who_has_bound_an_authenticator_shows_a_code(client, people, record, clock):
    key, _ = bound(people["unit_secretary"])
    client.post("/login/", {"username": "unit_secretary", "password": cast.PASSWORD})
    client.post("/second-factor/code/", {"code": code_of(key)})
    clock.shift(timedelta(minutes=20))
    assert "动态码" in decide(client, record).content.decode()
    assert decide(client, record, **{"proof-secret": cast.PASSWORD}).status_code == 403
    clock.shift(timedelta(seconds=2))
    assert decide(client, record, **{"proof-secret": code_of(key)}).status_code == 302


def test_who_has_no_password_here_is_told_what_to_do(stale, people, record):
    client = stale("unit_secretary")
    type(people["unit_secretary"]).objects.filter(username="unit_secretary").update(password="!none")
    person = type(people["unit_secretary"]).objects.get(username="unit_secretary")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["proved_at"] = 0
    session.save()
    assert "没有本系统的密码" in decide(client, record).content.decode()
    assert "没有本系统的密码" in client.get("/reauthenticate/").content.decode()


# ── signing ──────────────────────────────────────────────────────────────────────────────────


def test_the_password_of_a_signature_is_counted_like_every_other(people, login):
    from datetime import date

    from accountability.services import handovers

    unit = cast.organisation(cast.OURS)
    sheet = handovers.make(
        unit.posts.get(role="unit_secretary"),
        giver=people["unit_secretary"],
        taker=people["liaison"],
        on=date(2026, 11, 1),
        by=people["office"],
    )
    client = login("unit_secretary")
    answer = client.post(f"/handovers/{sheet.pk}/sign/", acts.read_and_signed(sheet) | {"password": "wrong"})
    assert answer.status_code == 400
    assert "密码不对" in answer.content.decode()
    assert events() == ["failed"]
    assert client.post(f"/handovers/{sheet.pk}/sign/", acts.read_and_signed(sheet)).status_code == 302


# ── pages and files ──────────────────────────────────────────────────────────────────────────


def test_a_confidential_page_asks_first_and_leads_back(stale, people):
    talk = confidential.in_full(people)
    client = stale("secretary")
    asked = client.get(f"/oversight/talks/{talk.pk}/?a=1")
    assert asked["Location"] == f"/reauthenticate/?next=%2Foversight%2Ftalks%2F{talk.pk}%2F%3Fa%3D1"
    page = client.get(asked["Location"]).content.decode()
    assert "15 分钟内不再询问" in page
    wrong = client.post(asked["Location"], {"secret": "wrong"})
    assert (wrong.status_code, "密码不对" in wrong.content.decode()) == (400, True)
    assert client.post(asked["Location"], {"secret": cast.PASSWORD})["Location"] == f"/oversight/talks/{talk.pk}/?a=1"


def test_what_exists_is_told_to_nobody_by_the_question(stale):
    client = stale("liaison")
    for pk in (1, 99999999):
        assert client.get(f"/oversight/clues/{pk}/").status_code == 302


def test_a_file_is_offered_by_a_link_after_the_proof(stale):
    client = stale("discipline")
    asked = client.get("/oversight/talks/export/?year=2026")
    answer = client.post(asked["Location"], {"secret": cast.PASSWORD})
    assert answer.status_code == 200
    assert 'href="/oversight/talks/export/?year=2026"' in answer.content.decode()


def test_a_fragment_leads_the_window_to_the_question(stale):
    answer = stale("discipline").get("/oversight/talks/1/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/reauthenticate/?next=")


@pytest.mark.parametrize(
    "outside",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "\x00", "x" * 9000],
)
def test_the_proof_leads_nowhere_else(login, outside):
    client = login("liaison")
    answer = client.post("/reauthenticate/?" + "next=" + outside, {"secret": cast.PASSWORD})
    assert answer["Location"] == "/"


def test_granting_asks_in_the_admin_too(stale, people):
    client = stale("sysadmin")
    answer = client.post(f"/admin/accountability/person/{people['liaison'].pk}/change/", {"name": "改名"})
    assert answer.status_code == 403
    assert "还没有提交" in answer.content.decode()
    assert client.get(f"/admin/accountability/person/{people['liaison'].pk}/change/").status_code == 200


# ── the register ─────────────────────────────────────────────────────────────────────────────

# What sounds like a decision, a signature or a confidential export and asks for no proof, each with the reason.
EXEMPT = {
    "document_sign": "asks for the password each time itself",
    "handover_sign": "asks for the password each time itself",
    "password_change": "asks for the old password itself",
    "password_change_done": "says only that it was done",
    "meeting_import_confirm": "imports one's own meetings, which are approved afterwards",
    "ledger_import_confirm": "imports a ledger, whose findings are closed one by one",
    "sign": "研判苗头 (a sign of trouble), no signature",
    "sign_new": "a sign of trouble, no signature",
    "signs": "signs of trouble, no signatures",
    "topic_findings": "no decision", "meeting_resolutions": "entering what a meeting decided",
    "meeting_resolution_drop": "taking back an entry of one's own",
    "documents_all": "a list", "document_batch_file": "papers anybody of the office may read one by one",
    "clues": "a list without content", "clue_counts": "figures that give nothing away", "talks": "a list",
    "four_forms": "figures", "four_form_entries": "a list", "archives": "a list", "clue_items": "a list",
    "talk_order": "arranges a talk", "talk_hold": "enters a talk", "talk_track": "sets a day", "talk_report": "one's own report",
    "talk_new": "enters", "clue_new": "enters", "clue_hand_in": "enters", "clue_again": "enters",
    "clue_forward": "asks a department", "clue_open_answers": "opens answers to those who know the clue",
    "clue_item_answer": "one's own answer", "four_form_new": "enters", "four_form_correct": "corrects an entry, checked again",
    "four_form_withdraw": "takes an entry back", "archives_establish": "opens empty archives",
    "archive_updates": "a list", "archive_kinds": "names of kinds", "archive_kind_drop": "names of kinds",
    "archive_openings": "a list of who looked", "archive_paper_new": "adds a paper, confirmed by another",
    "archive_update": "notes that a fact changed", "lists_archive": "the school's lists of a year, not confidential",
    "report_batch_archive": "reports anybody of the office may read one by one",
}  # fmt: skip
SOUNDS = re.compile(r"sign|approv|confirm|close|conclu|enact|grant|decide|talk|clue|four_form|archive|^password")


def names(resolver=None) -> set[str]:
    found = set()
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if not str(pattern.pattern).startswith("admin/"):
                found |= names(pattern)
        elif isinstance(pattern, URLPattern):
            found.add(pattern.name or "")
    return found


def test_every_address_that_sounds_like_a_decision_asks_or_says_why_not():
    sounding = {name for name in names() if SOUNDS.search(name)}
    assert len(sounding) > 40
    assert sounding - set(doors) == set(EXEMPT) & sounding - set(doors), sounding - set(doors) - set(EXEMPT)
    assert not set(EXEMPT) & set(doors)


def test_every_registered_address_exists():
    ours = {name for name in doors if not name.startswith("admin:")}
    assert ours <= names()
    for name in set(doors) - ours:
        from django.urls import NoReverseMatch, reverse

        try:
            reverse(name)
        except NoReverseMatch:
            reverse(name, args=[1])


# Transitions that send on, send back, take back or begin.
PLAIN = {
    "submit", "return", "resubmit", "withdraw", "retry", "decline", "revise", "judge", "claim", "start", "half_year",
    "report", "comment", "propose", "send_back", "reopen", "begin", "drop", "order", "hold", "cancel", "track",
    "dismiss", "take_back", "receive", "read", "answer", "recall", "apply", "send_plan_back", "rebound", "send_kept_back",
}  # fmt: skip


def tables() -> dict[str, dict]:
    import importlib
    from pathlib import Path

    found = {}
    root = Path(__file__).parents[2]
    for app in ("accountability", "meetings", "inspections", "supervision"):
        for path in [*(root / app).rglob("*flow*.py"), *(root / app).rglob("closing.py")]:
            module = importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))
            for name, value in vars(module).items():
                if isinstance(value, dict) and value and all(isinstance(one, Transition) for one in value.values()):
                    found[f"{module.__name__}.{name}"] = value
    return found


def test_every_transition_is_known_to_decide_or_not_to():
    found = tables()
    assert len(found) > 12
    for table, transitions in found.items():
        unknown = set(transitions) - DECIDING - PLAIN
        assert not unknown, f"{table}: {unknown} neither decides nor is plain"
    assert not DECIDING & PLAIN
