"""One product is laid and copied for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.keeping.product import DATABASES, Product


@pytest.fixture(scope="session", params=DATABASES)
def laid(request, tmp_path_factory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("laid") / "data")
    product.manage("migrate", "--run-syncdb", "--no-input", "-v0")
    product.tell("lay")
    yield product
    product.close()


@pytest.fixture
def product(laid, tmp_path) -> Iterator[Product]:
    copy = Product(tmp_path / "data", like=laid)
    yield copy
    copy.close()


@pytest.fixture
def shelf(tmp_path) -> Path:
    """Where backups are put."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def backup(laid, tmp_path_factory) -> Path:
    """A backup of what was laid, for tests that only read it."""
    folder = tmp_path_factory.mktemp("backup")
    laid.manage("backup", folder)
    (path,) = folder.iterdir()
    return path
