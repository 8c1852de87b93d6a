"""二次验证 by two at once: one code, one entry."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accountability.models import Person, RecoveryCode
from accountability.services import second_factor as verbs
from tests.accountability.test_second_factor import bound, code_of


def at_once(code: str, times: int = 6) -> list[str]:
    start = Barrier(times)

    def one(_) -> str:
        try:
            person = Person.objects.get(username="liaison")
            start.wait()
            return verbs.prove(person, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_a_code_sent_six_times_at_once_is_taken_once(people, settings):
    settings.SECOND_FACTOR_THROTTLE_SECONDS = 0
    key, codes = bound(people["liaison"])
    assert at_once(code_of(key)).count("") == 1
    assert at_once(codes[0]).count("") == 1
    assert RecoveryCode.objects.unused().count() == 9
    assert at_once("000000").count("") == 0


@pytest.mark.django_db(transaction=True)
def test_wrong_codes_at_once_are_all_counted_or_not_read(people):
    bound(people["liaison"])
    refusals = at_once("000000")
    assert sum("动态码不对" in refusal for refusal in refusals) < 3
    assert "" not in refusals
