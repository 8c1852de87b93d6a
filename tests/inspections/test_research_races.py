"""Two at the same moment: an answer is accepted once, a sign goes into one topic, a visit is one (三（四）3)."""

import pytest

from inspections.models import Reply, TopicSign, Visit
from inspections.services import replies, topics
from tests.accountability.test_races import at_once, winners
from tests.inspections import research

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_accept_at_once_have_one_winner(people):
    reply = research.reply_of(research.required(research.sign(people["discipline"]), people["discipline"]))
    reply = research.answered(reply, people["unit_secretary"])
    both = [people["discipline"], research.commission_head()]
    results = at_once(lambda number: replies.perform(reply, "accept", by=both[number]))
    assert len(winners(results)) == 1
    assert Reply.objects.get(pk=reply.pk).accepted_by == winners(results)[0].accepted_by
    assert Reply.history.filter(id=reply.pk, state="accepted").count() == 1


def test_a_sign_collected_twice_at_once_is_in_one_topic(people):
    sign = research.sign(people["discipline"])
    both = [research.topic(people["discipline"], title=title) for title in ("第一个专题", "第二个专题")]
    results = at_once(lambda number: topics.collect(both[number], [sign], by=people["discipline"]))
    assert len(winners(results)) == 1
    assert TopicSign.objects.filter(sign=sign, is_current=True).count() == 1


def test_a_visit_entered_twice_at_once_is_one(people):
    results = at_once(lambda number: research.visit(people[("member", "office")[number]]))
    assert len(winners(results)) == 1
    assert Visit.objects.count() == 1
