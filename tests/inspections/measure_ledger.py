"""What import and export of a ledger cost; not collected with the suite, run by hand (docs/performance.md):

    .venv/bin/python -m pytest tests/inspections/measure_ledger.py -q -s

Seconds are of the processor, children included, so that a busy machine can be measured at all; rounds are interleaved.
"""

import io
import os
import resource
import tracemalloc
from collections.abc import Callable
from statistics import median

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction

from inspections.models import LedgerImport, Measure
from inspections.reading.book import Book
from inspections.services.export import write_workbook
from inspections.services.planning import Planner
from inspections.services.reading import read_content
from inspections.services.writing import write
from tests.importing import confirmed
from tests.inspections.ledger_files import multiplied
from tests.inspections.rounds import fed_back, inspection_officer

pytestmark = pytest.mark.django_db(transaction=False)
ROWS, ROUNDS = int(os.environ.get("ROWS", "10000")), int(os.environ.get("ROUNDS", "3"))
SIZES = [int(size) for size in os.environ.get("SIZES", "1000,10000,30000").split(",")]


def seconds(act: Callable) -> float:
    def used() -> float:
        own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

    start = used()
    act()
    return used() - start


def read_only(content: bytes) -> None:
    for sheet in openpyxl.load_workbook(io.BytesIO(content), read_only=True):
        for _ in sheet.iter_rows(values_only=True):
            pass


def undone(act: Callable) -> Callable:
    """Act, then leave the database as it was."""

    def acted() -> None:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)

    return acted


def test_import(people, login, tmp_path, capsys):
    content = multiplied(ROWS)
    row, client, path = fed_back(people["discipline"]), login("discipline"), tmp_path / "ledger.xlsx"
    path.write_bytes(content)

    def by_page() -> None:
        file = SimpleUploadedFile("ledger.xlsx", content)
        client.post(f"/inspections/{row.pk}/import/", {"file": file}, follow=True)
        kept = LedgerImport.objects.latest("pk")
        confirmed(client, f"/inspections/imports/{kept.pk}/")
        assert Measure.objects.count() == ROWS

    acts = {
        "openpyxl, read_only": lambda: read_only(content),
        "openpyxl, whole": lambda: openpyxl.load_workbook(io.BytesIO(content)),
        "reading": lambda: read_content(content),
        "command, preview": lambda: call_command("import_ledger", path, "--round", row.number, "--json"),
        "command, commit": undone(lambda: call_command("import_ledger", path, "--round", row.number, "--commit")),
        "page: upload, preview, confirm, worker": undone(by_page),
    }
    told = {name: [] for name in acts}
    for _ in range(ROUNDS):
        for name, act in acts.items():
            told[name].append(seconds(act))
    with capsys.disabled():
        print(f"\n{connection.vendor}, {ROWS} measures, {ROUNDS} rounds, load {os.getloadavg()[0]:.1f}")
        for name, all_of in told.items():
            ratios = [[one / base for one, base in zip(all_of, told[base], strict=True)] for base in list(told)[:2]]
            spread = f"{min(all_of):.2f}–{max(all_of):.2f}"
            print(f"{name:32} {median(all_of):6.2f} s ({spread})  × {median(ratios[0]):.2f} / {median(ratios[1]):.2f}")


def test_export_in_flat_memory(people, tmp_path, capsys):
    row, by = fed_back(people["discipline"]), inspection_officer()
    for size in SIZES:
        _fill(row, size, by)
        with (tmp_path / "out.xlsx").open("wb") as file:
            tracemalloc.start()
            write_workbook(file, row)
            peak = tracemalloc.get_traced_memory()[1] / 1024 / 1024
            tracemalloc.stop()
        with (tmp_path / "out.xlsx").open("wb") as file:
            used = seconds(lambda file=file: write_workbook(file, row))
        with capsys.disabled():
            print(f"\n{connection.vendor}, export of {size}: peak {peak:.1f} MB of Python objects, {used:.2f} s")


def _fill(row, size: int, by) -> None:
    """More problems below those there are; in portions, as a file may have 20,000 rows."""
    while (there := Measure.objects.count()) < size:
        book: Book = read_content(multiplied(min(size - there, 10_000)))
        for problem in book.problems:
            problem.serial, problem.text = None, f"{problem.text}·{there}"
        write(row, Planner(row, book).make(), by=by, reason="导入台账")
