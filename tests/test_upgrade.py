"""升级: what migrations make is what the models say; a backup of an earlier schema is brought up, one of a later refused.

Nothing has been released: migrations are still rewritten into one step per app, so a database of an earlier commit cannot
be brought up, and no test pretends so. From the first release on ``tests/releases`` holds a backup of each.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.keeping.product import ON_POSTGRES, ROOT, Product

pytestmark = [pytest.mark.worker, pytest.mark.once]
RELEASES = sorted((ROOT / "tests" / "releases").glob("*.tar"))


class Migrated(Product):
    """With the migrations that ship."""

    settings = "config.settings"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory) -> Iterator[Migrated]:
    assert not ON_POSTGRES
    product = Migrated(tmp_path_factory.mktemp("migrated") / "data")
    product.manage("migrate", "--no-input", "-v0")
    yield product
    product.close()


@pytest.fixture
def product(migrated, tmp_path) -> Iterator[Migrated]:
    copy = Migrated(tmp_path / "data", like=migrated)
    yield copy
    copy.close()


def schema(product: Migrated) -> dict[str, set[str]]:
    """Every table with its columns and constraints, every index and trigger; in whatever order they stand."""
    rows = product.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"
    )
    return {f"{kind} {name}": parts(sql) if kind == "table" else {sql} for kind, name, sql in rows}


def parts(sql: str) -> set[str]:
    """What stands between the commas of CREATE TABLE (…), with the foreign key's own words the same way round."""
    inner, depth, found = sql[sql.index("(") + 1 : sql.rindex(")")], 0, [""]
    for sign in inner:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return {re.sub(r"\s+", " ", part).strip() for part in found}


def test_migrations_make_what_the_models_say(migrated, tmp_path):
    modelled = Migrated(tmp_path / "modelled")
    try:
        modelled.settings = "tests.unmigrated"
        modelled.manage("migrate", "--run-syncdb", "--no-input", "-v0")
        wanted, found = schema(modelled), schema(migrated)
        assert set(wanted) - set(found) <= {"table django_migrations"}
        assert set(found) - set(wanted) <= {"table django_migrations"}
        different = {name: wanted[name] ^ found[name] for name in wanted.keys() & found if wanted[name] != found[name]}
        assert different == {}
    finally:
        modelled.close()


def back_up(product: Migrated, folder: Path) -> Path:
    path = folder / "backup.tar"
    product.manage("backup", path)
    return path


def test_a_backup_of_an_earlier_schema_is_brought_up(product, tmp_path):
    """As it was before the app of sessions had its table."""
    product.execute("DROP TABLE django_session")
    product.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    path = back_up(product, tmp_path)
    product.wipe()
    assert "表结构已升级" in product.manage("restore", path)
    assert product.execute("SELECT count(*) FROM django_session") == [(0,)]
    assert product.execute("SELECT count(*) FROM django_migrations WHERE app = 'sessions'") == [(1,)]


def test_a_backup_of_a_later_schema_is_refused_untouched(product, tmp_path):
    product.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('meetings', '9999_later', '2030-01-01')"
    )
    path = back_up(product, tmp_path)
    product.wipe()
    assert "meetings.9999_later" in product.refused("restore", path)
    assert product.execute("SELECT count(*) FROM sqlite_master") == [(0,)]


@pytest.mark.skipif(not RELEASES, reason="nothing has been released yet (tests/releases/README.md)")
@pytest.mark.parametrize("release", RELEASES, ids=[path.stem for path in RELEASES])
def test_a_backup_of_every_release_is_brought_up(release, tmp_path):
    product = Migrated(tmp_path / "data")
    try:
        said = product.manage("restore", release)
        assert "恢复完成，与清单一致" in said
        product.manage("migrate", "--check")
        assert all(status == 200 for status, _ in product.tell("pages").values())
    finally:
        product.close()
