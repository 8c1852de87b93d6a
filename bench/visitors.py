"""``python -m bench.visitors [ledger …]``: who asks for which lists on the database of DATABASE_URL, as JSON.

Each list with its address, the cookie of who asks, how many rows there are, the last page, and how many queries it costs.
"""

import json
import logging
import os
import sys
from urllib.parse import urlencode

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.served"

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import QueryDict  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402

from accountability.models import Person  # noqa: E402
from bench.lists import ASKED_BY, LISTS  # noqa: E402
from inspections.models import Round  # noqa: E402

TENTH, ALL = "unit_secretary", "office"
PEER = {
    "peer": "/admin/peer/accountability/duty/?state__exact=fulfilled&work_year__year__exact=2026",
    "peer last": "/admin/peer/accountability/duty/?p={last}",
}


def client_of(username: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


def superuser() -> Client:
    Person.objects.filter(username="peer").exists() or Person.objects.create_superuser(
        "peer", "同伴", "peer-password-2026"
    )
    return client_of("peer")


def arguments(name: str) -> list[int]:
    """Of a page within one inspection: the newest."""
    return [Round.objects.order_by("-pk").first().pk] if name in ("inspection", "progress_round") else []


def asked(queries) -> int:
    """Without the beginning and the end of the transaction."""
    return sum(not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for query in queries)


def visit(client: Client, url: str) -> dict:
    client.get(url)  # warm
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    told = {"url": url, "status": answer.status_code, "queries": asked(queries), "bytes": len(answer.content)}
    pager = (answer.context or {}).get("pager") if answer.context else None
    if pager:
        told |= {"rows": len(pager.page.object_list), "total": pager.total, "last": _last(url, pager)}
    return told | {"cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


def _last(url: str, pager) -> str:
    path, _, query = url.partition("?")
    asked = QueryDict(query, mutable=True)
    asked["page"] = str(pager.page.paginator.num_pages)
    return f"{path}?{asked.urlencode()}"


def lists(names: list[str]) -> dict[str, dict]:
    clients = {name: client_of(name) for name in {TENTH, *ASKED_BY.values()}}
    found = {}
    for name in names:
        query = LISTS[name]
        url = reverse(name, args=arguments(name))
        asked = urlencode(QueryDict(query).dict())
        found[name] = visit(clients[ASKED_BY.get(name, TENTH)], f"{url}?{asked}" if asked else url)
    return found


def peers(names: list[str]) -> dict[str, dict]:
    client = superuser()
    changelist = client.get("/admin/peer/accountability/duty/").context["cl"]
    last = changelist.paginator.num_pages
    return {name: visit(client, PEER[name].format(last=last)) for name in names}


def main() -> None:
    logging.disable()
    setup_test_environment()
    names = sys.argv[1:] or [*LISTS, *PEER]
    told = lists([name for name in names if name in LISTS]) | peers([name for name in names if name in PEER])
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
