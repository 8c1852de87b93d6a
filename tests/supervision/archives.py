"""What the tests of archives and opinions stand on: two who are admitted, archives of some cadres, a list asked for."""

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.models import Organisation, Person, Role, Tenure
from supervision.models import Archive, ArchivePaper, Kinship, Opinion, OpinionCadre, PaperKind, Secret
from supervision.services import archives, openings, opinions
from supervision.services.admissions import admit
from tests import acts, cast

WORDS = "拟提任处级干部"
DUE = cast.TODAY + timedelta(days=10)


def fresh(person: Person) -> Person:
    """What a new request would load: grants and admissions are read once per object."""
    return Person.objects.get(pk=person.pk)


def holder(organisation: Organisation, role: str) -> Person:
    held = Tenure.objects.in_office(cast.TODAY).filter(post__organisation=organisation, post__role=role)
    return fresh(held.latest("pk").person)


def head() -> Person:
    """纪委书记: in the commission itself."""
    return holder(Organisation.objects.get(kind="commission"), Role.DISCIPLINE)


def asker() -> Person:
    """组织部部长."""
    return holder(cast.organisation("组织部"), Role.DEPARTMENT)


def admitted(people) -> tuple[Person, Person]:
    """Two who keep the archives: the discipline account, and the head of the commission."""
    for person in (people["discipline"], head()):
        admit(by=people["secretary"], person=person, secret=Secret.ARCHIVE, reason="分管廉政档案工作")
    archives.load_paper_kinds(by=Person.objects.system())
    people["discipline"] = fresh(people["discipline"])
    return people["discipline"], head()


def archive_of(person: Person, by: Person) -> Archive:
    archives.establish([person], by=by)
    return Archive.objects.get(person=person)


def opened(archive: Archive, by: Person, **more):
    return openings.open_archive(archive, by=by, **({"purpose": "supervision", "words": "日常监督抽查"} | more))


def paper(archive: Archive, by: Person, *, kind: str = "任前廉政谈话记录", **more) -> ArchivePaper:
    opened(archive, by)
    fields = {
        "title": "2025年任前廉政谈话记录",
        "dated_on": date(2025, 3, 4),
        "words": "提出三点要求",
        "files": [SimpleUploadedFile("谈话记录.pdf", acts.PDF)],
    }
    return archives.file_paper(archive, by=by, kind=PaperKind.objects.get(name=kind), **(fields | more))


def asked(by: Person, people: list[Person], **more) -> Opinion:
    unit = cast.organisation("组织部")
    fields = {"organisation": unit, "purpose": "promotion", "words": WORDS, "due_on": DUE}
    return opinions.ask(by=by, people=people, **(fields | more))


def concluded(cadre: OpinionCadre, by: Person, conclusion: str = "none", **more) -> OpinionCadre:
    opinions.open_for_check(cadre, by=by)
    return opinions.conclude(cadre, by=by, conclusion=conclusion, **({"notes": "查阅档案未见影响任用的情形"} | more))


def checked(opinion: Opinion, by: Person) -> Opinion:
    for cadre in opinion.cadres.all():
        concluded(cadre, by)
    return opinions.perform(opinion, "propose", by=by)


def related(one: Person, other: Person, by: Person) -> Kinship:
    return openings.declare(by=by, person=one, relative=other, kind="spouse")
