"""廉政档案与廉洁意见的保密: who may not know finds nothing, behind no door and in no trace (二（二）).

The archive is the member's, the list names him; every secret word below stands in one of them.
"""

from io import BytesIO

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from openpyxl import load_workbook

from accountability.models import Notice
from accountability.services import jobs
from supervision.board.indicators import FIGURES
from supervision.models import Archive, ArchiveOpening, ArchivePaper, Kinship, OpeningRequest, Opinion
from supervision.services import archives, openings, opinions
from tests import cast
from tests.supervision.archives import admitted, archive_of, asked, asker, concluded, fresh, opened, paper, related

pytestmark = pytest.mark.django_db
PAPER, NOTES, STATEMENT, REASON, MATTER = (
    "绝不外传的谈话材料",
    "查核笔记不外传",
    "诫勉影响期已满之说明",
    "秘密事由抽查",
    "拟提任秘而未宣之职",
)
SECRETS = (PAPER, NOTES, STATEMENT, REASON, MATTER)
MODELS = (
    "archive", "archivepaper", "archiveupdate", "archiveopening", "openingrequest", "kinship", "paperkind",
    "opinion", "opinioncadre",
)  # fmt: skip


@pytest.fixture
def kept(people):
    """One archive with a confirmed paper, its opening, a request, a kinship; one list replied and one being checked."""
    keeper, other = admitted(people)
    member = people["member"]
    archive = archive_of(member, keeper)
    row = paper(archive, keeper, title=PAPER)
    opened(archive, other, words=REASON)
    archives.perform(row, "confirm", by=other)
    archives.update(archive, by=other, work_year=cast.YEAR, words="没有变化")
    request = openings.ask(archive, by=people["department"], purpose="other", words=REASON)
    kinship = related(member, people["liaison"], by=keeper)
    lists = [asked(asker(), [member], words=MATTER) for _ in range(2)]
    for one in lists:
        concluded(one.cadres.get(), keeper, "explained", statement=STATEMENT, notes=NOTES)
    opinions.perform(lists[0], "propose", by=keeper)
    jobs.run(opinions.perform(lists[0], "approve", by=other).job_id)
    return {
        "archive": archive,
        "paper": row,
        "request": request,
        "kinship": kinship,
        "replied": Opinion.objects.get(pk=lists[0].pk),
        "open": lists[1],
        "keeper": keeper,
        "other": other,
    }


def of(person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def details(kept) -> list[str]:
    archive, paper, replied = kept["archive"].pk, kept["paper"].pk, kept["replied"]
    return [
        f"/oversight/archives/{archive}/",
        f"/oversight/archives/{archive}/export/",
        f"/oversight/archives/papers/{paper}/",
        f"/oversight/opinions/{kept['open'].pk}/",
        f"/oversight/opinions/{replied.pk}/",
        f"/oversight/opinions/{replied.pk}/pdf/",
    ]


def lists() -> list[str]:
    base = [
        "/oversight/archives/", "/oversight/archives/requests/", "/oversight/archives/openings/",
        "/oversight/archives/kinships/", "/oversight/archives/updates/", "/oversight/archives/kinds/",
        "/oversight/archives/export/", "/oversight/archives/openings/export/",
        "/oversight/opinions/", "/oversight/opinions/export/", "/oversight/", "/notices/", "/", "/records/",
    ]  # fmt: skip
    searched = (*base[:1], "/oversight/opinions/", "/ledger/", "/records/")
    return base + [f"{path}?q={word}" for path in searched for word in (PAPER[:4], MATTER[:4], "陆知行")]


def told_by(answer) -> str:
    """Everything an answer says, a workbook cell by cell."""
    if answer.status_code >= 300:
        return ""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        sheet = load_workbook(BytesIO(content)).active
        return "\n".join(f"{cell.value}" for row in sheet for cell in row)
    return content.decode("utf-8", "replace").split("<main")[-1]


STRANGERS = [part.username for part in cast.PARTS if part.username not in ("discipline", "secretary", "department")]


@pytest.mark.parametrize("who", STRANGERS)
def test_a_stranger_finds_no_door_and_no_word(people, kept, who):
    """Own (the member, whose archive it is) and others alike: list, detail, search, count, export, PDF."""
    person = fresh(people[who])
    client = of(person)
    for address in details(kept):
        assert client.get(address).status_code == 404, address
        assert client.post(address).status_code in (404, 405), address
    for address in (
        f"/oversight/archives/{kept['archive'].pk}/open/",
        f"/oversight/archives/papers/{kept['paper'].pk}/act/",
    ):
        assert client.post(address, {"purpose": "case", "words": "想看一看", "act": "confirm"}).status_code == 404
    for address in lists():
        said = told_by(client.get(address))
        assert not [word for word in SECRETS if word in said], address
    for model in (Archive, ArchivePaper, ArchiveOpening, OpeningRequest, Kinship, Opinion):
        assert not model.objects.visible_to(person).exists(), model
    assert not any(FIGURES[name].may(person) for name in FIGURES if name.startswith(("archives", "opinions")))
    assert not any(
        word in f"{row.title}{row.body}" for row in Notice.objects.filter(recipient=person) for word in SECRETS
    )


def test_who_leads_the_school_decides_and_approves_but_opens_nothing(people, kept):
    client = of(fresh(people["secretary"]))
    assert client.get(f"/oversight/archives/{kept['archive'].pk}/").status_code == 404
    assert client.get(f"/oversight/archives/papers/{kept['paper'].pk}/").status_code == 404
    assert client.get(f"/oversight/opinions/{kept['open'].pk}/").status_code == 404
    assert client.get(f"/oversight/opinions/{kept['replied'].pk}/").status_code == 200
    assert client.get(f"/oversight/archives/requests/{kept['request'].pk}/").status_code == 200
    for name in ("openings/", "kinships/", "updates/", "export/", "openings/export/", "kinds/"):
        assert client.get(f"/oversight/archives/{name}").status_code == 403, name
    assert not ArchiveOpening.objects.visible_to(people["secretary"]).exists()


def test_who_asked_sees_his_list_and_the_reply_alone(people, kept):
    client = of(asker())
    open_page = told_by(client.get(f"/oversight/opinions/{kept['open'].pk}/"))
    assert MATTER in open_page
    assert not [word for word in (NOTES, STATEMENT, PAPER, REASON, kept["keeper"].name, "有影响") if word in open_page]
    assert client.get(f"/oversight/opinions/{kept['open'].pk}/pdf/").status_code == 404
    reply = told_by(client.get(f"/oversight/opinions/{kept['replied'].pk}/"))
    assert STATEMENT in reply
    assert not [word for word in (NOTES, PAPER, REASON, kept["keeper"].name, kept["other"].name) if word in reply]
    assert client.get(f"/oversight/archives/{kept['archive'].pk}/").status_code == 404
    cadre = kept["open"].cadres.get()
    for name in ("open", "conclude"):
        assert client.post(f"/oversight/opinions/cadres/{cadre.pk}/{name}/").status_code == 404


def test_who_asked_to_open_sees_his_request_alone(people, kept):
    client = of(fresh(people["department"]))
    assert REASON in told_by(client.get("/oversight/archives/requests/"))
    assert client.get(f"/oversight/archives/{kept['archive'].pk}/").status_code == 404
    assert client.get(f"/oversight/archives/requests/{kept['request'].pk}/").status_code == 200
    another = of(fresh(people["office"]))
    assert another.get(f"/oversight/archives/requests/{kept['request'].pk}/").status_code == 404


def test_the_ledger_tells_of_no_name(people, kept):
    """The duty and the record stand where many see them: with their histories they name nobody."""
    for who in ("office", "secretary", "discipline"):
        client = of(fresh(people[who]))
        duty, record = kept["replied"].duty_id, kept["replied"].record_id
        for address in (f"/ledger/{duty}/", f"/ledger/{duty}/history/", f"/records/{record}/"):
            said = told_by(client.get(address))
            assert said, address
            assert not [word for word in (*SECRETS, "陆知行", asker().name) if word in said], (who, address)
    assert kept["replied"].duty.title == kept["open"].duty.title


def test_what_the_keeper_files_is_in_the_history_of_the_archive_alone(people, kept):
    page = told_by(of(kept["keeper"]).get(f"/oversight/archives/{kept['archive'].pk}/"))
    assert PAPER in page
    assert "已归档" in page


def test_nothing_of_it_is_in_the_admin(people, kept):
    registered = {model._meta.model_name for model in admin.site._registry}
    ours = {model._meta.model_name for model in apps.get_app_config("supervision").get_models()}
    assert set(MODELS) <= ours
    assert not registered & {*MODELS, *(f"historical{name}" for name in MODELS)}
    for who in ("sysadmin", "secadmin", "auditor"):
        client = of(fresh(people[who]))
        for name in MODELS:
            assert client.get(f"/admin/supervision/{name}/").status_code == 404
        logged = told_by(client.get("/admin/admin/logentry/"))
        assert not [word for word in SECRETS if word in logged]
    held = Permission.objects.filter(group__isnull=False, content_type__app_label="supervision")
    models = set(held.values_list("content_type__model", flat=True))
    assert {name.removeprefix("historical") for name in models} == {"formmeasure", "accountabilitykind"}
