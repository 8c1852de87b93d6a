"""响应头: what every kind of answer bears, whoever asks and whatever came of it."""

import pytest
from csp.constants import HEADER
from django.conf import settings as ours
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client

from accountability.headers import FILE_POLICY, PERMISSIONS, head_has_no_body
from accountability.views import home
from tests import acts, cast, papers

pytestmark = pytest.mark.django_db
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)


@pytest.fixture
def answers(login, people, client, settings, monkeypatch):
    """One answer of every kind, by its name."""
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["testserver"]
    unit = cast.organisation(cast.OURS)
    files = [SimpleUploadedFile("甲.pdf", acts.PDF), SimpleUploadedFile("乙.png", papers.picture())]
    record = acts.record(people["liaison"], unit, "duty-report", files=files)
    pdf, picture = (record.attachments.get(name=name).pk for name in ("甲.pdf", "乙.png"))
    found = {"sign-in": client.get("/login/"), "to the door": client.get("/ledger/")}
    staff = login("liaison")
    found |= {
        "page": staff.get("/ledger/"),
        "fragment": staff.get("/notices/unread/", headers={"HX-Request": "true"}),
        "workbook": staff.get("/ledger/export/"),
        "attachment": staff.get(f"/attachments/{pdf}/"),
        "PDF shown": staff.get(f"/attachments/{pdf}/content/"),
        "picture shown": staff.get(f"/attachments/{picture}/content/"),
        "thumbnail": staff.get(f"/attachments/{picture}/thumbnail/"),
        "404": staff.get("/nowhere/"),
        "403": staff.get("/supervision/"),
        "405": staff.delete("/ledger/"),
        "bad host": Client(headers={"Host": "evil.example"}).get("/login/"),
        "forged": Client(enforce_csrf_checks=True).post("/login/", {}),
        "health": client.get("/healthz"),
        "redirect": staff.get("/favicon.ico"),
    }
    settings.RATE_LIMITS = {"search": (0, 1, 3600)}
    found["429"] = [staff.get("/search/") for _ in range(2)][-1]
    office = login("office")
    found["400"] = office.post("/meetings/new/?kind=warning-meeting", {"title": "无日期"})
    found["413"] = office.post("/meetings/new/?kind=warning-meeting", {"content": "x" * 3_000_000})
    found["admin"] = login("sysadmin").get("/admin/")
    settings.SECURE_SSL_REDIRECT = True
    found["500"] = _broken(people, monkeypatch)
    return found


def _broken(people, monkeypatch):
    def crash(*args, **kwargs):
        raise RuntimeError("秘密的细节")

    monkeypatch.setattr(home, "render", crash)
    client = Client(raise_request_exception=False)
    client.force_login(people["liaison"], backend="django.contrib.auth.backends.ModelBackend")
    return client.get("/", secure=True)


def test_they_are_of_the_kinds_they_say(answers):
    told = {name: answer.status_code for name, answer in answers.items()}
    assert told.pop("health") in (200, 503)
    assert told == {
        "sign-in": 200, "to the door": 302, "page": 200, "fragment": 200, "workbook": 200, "attachment": 200,
        "PDF shown": 200, "picture shown": 200, "thumbnail": 200, "404": 404, "403": 403, "405": 405, "400": 400,
        "413": 413, "bad host": 400, "forged": 403, "redirect": 302, "429": 429, "admin": 200, "500": 500,
    }  # fmt: skip


def test_every_answer_bears_the_headers(answers):
    for name, answer in answers.items():
        assert answer["Permissions-Policy"] == PERMISSIONS, name
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert answer["X-Content-Type-Options"] == "nosniff", name
        assert answer["Referrer-Policy"] == "same-origin", name
        assert answer["X-Frame-Options"] == ("SAMEORIGIN" if name in ("PDF shown", "picture shown") else "DENY"), name
        assert "no-store" in answer["Cache-Control"], name
        assert "Access-Control-Allow-Origin" not in answer, name
        assert "Server" not in answer and "X-Powered-By" not in answer, name


def test_pages_have_the_page_policy_and_files_an_empty_cell(answers):
    own = {
        "workbook": FILE_POLICY,
        "attachment": FILE_POLICY,
        "PDF shown": "default-src 'none'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'; object-src 'self'; style-src 'unsafe-inline'",
        "picture shown": "default-src 'none'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'; sandbox; img-src 'self'",
        "thumbnail": "default-src 'none'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'; sandbox; img-src 'self'",
    }
    for name, answer in answers.items():
        policy = {part.strip() for part in answer[HEADER].split(";")}
        assert policy == {part.strip() for part in own.get(name, PAGE_POLICY).split(";")}, name


def test_only_the_browsers_own_viewer_of_pdf_may_style_inline(answers):
    assert [name for name, answer in answers.items() if "unsafe" in answer[HEADER]] == ["PDF shown"]


def test_nothing_is_shown_in_place_but_pictures_and_pdf(answers):
    for name, answer in answers.items():
        inline = not answer.get("Content-Disposition", "").startswith("attachment")
        kind = answer.get("Content-Type", "").split(";")[0]
        allowed = {"text/html", "application/json", "application/pdf", "image/png", "image/jpeg", ""}
        assert not inline or kind in allowed, (name, kind)
        assert "svg" not in kind and (name in ("PDF shown", "picture shown") or "attachment" not in name or not inline)


def test_an_uploaded_file_never_says_what_it_is_when_it_is_saved(answers):
    assert answers["attachment"]["Content-Type"] == "application/octet-stream"
    assert answers["attachment"]["Content-Disposition"].startswith("attachment")


def test_in_production_every_answer_insists_on_tls(answers, settings, login):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31536000, True
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    plain = client.get("/login/")
    assert plain.status_code == 301 and plain["Location"].startswith("https://")
    assert plain["Permissions-Policy"] == PERMISSIONS and plain[HEADER] and plain["X-Frame-Options"] == "DENY"
    safe = client.get("/login/", secure=True)
    assert safe["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_static_files_bear_them_too_and_may_be_kept(client):
    answer = client.get("/static/mark.svg")
    assert answer.status_code == 200
    assert answer[HEADER] and answer["X-Frame-Options"] == "DENY" and answer["Permissions-Policy"] == PERMISSIONS
    assert "Access-Control-Allow-Origin" not in answer
    assert "max-age" in answer["Cache-Control"] and "no-store" not in answer["Cache-Control"]


def test_our_script_evaluates_nothing_and_keeps_nothing_in_the_browser(client):
    assert '"allowEval":false' in client.get("/login/").content.decode()
    script = (ours.BASE_DIR / "static/app.js").read_text(encoding="utf-8")
    for word in ("eval(", "new Function", "innerHTML", "localStorage", "sessionStorage", "document.cookie"):
        assert word not in script, word


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_head_tells_the_length_and_sends_nothing(rf, method):
    """Past the test client, which would cut the body off itself."""
    page = head_has_no_body(lambda request: HttpResponse("责任台账"))(rf.generic(method, "/ledger/"))
    file = head_has_no_body(lambda request: StreamingHttpResponse([b"PK"]))(rf.generic(method, "/ledger/export/"))
    if method == "HEAD":
        assert (page.content, page["Content-Length"], b"".join(file)) == (b"", "12", b"")
    else:
        assert (page.content.decode(), b"".join(file)) == ("责任台账", b"PK")


def test_a_method_that_echoes_is_none_of_ours(login):
    answer = login("liaison").generic("TRACE", "/ledger/", headers={"X-Told": "echo-me"})
    assert "echo-me" not in answer.content.decode()


def test_the_order_that_makes_it_so():
    order = [name.rsplit(".", 1)[-1] for name in ours.MIDDLEWARE]
    first = ["CSPMiddleware", "XFrameOptionsMiddleware", "closed_doors", "SecurityMiddleware", "WhiteNoiseMiddleware"]
    places = [order.index(name) for name in first]
    assert places == sorted(places)
    assert order.index("WhiteNoiseMiddleware") < order.index("SessionMiddleware")
    assert order.index("keep_measure") < order.index("CsrfViewMiddleware")


def test_every_form_of_every_view_is_guarded_against_forgery():
    from django.urls import get_resolver

    from tests.test_rates import _patterns

    views = list(_patterns(get_resolver()))
    assert len(views) > 200
    assert [each.name for each in views if getattr(each.callback, "csrf_exempt", False)] == []
    assert "django.middleware.csrf.CsrfViewMiddleware" in ours.MIDDLEWARE
