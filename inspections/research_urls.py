"""Addresses under /research/ (三（四）3)."""

from django.urls import path

from inspections.views.research import overview, requirements, rules, signs, topics, visits

urlpatterns = [
    path("", overview.overview, name="research"),
    path("contacts/", overview.contacts, name="contacts"),
    path("visits/", visits.visit_list, name="visits"),
    path("visits/new/", visits.visit_new, name="visit_new"),
    path("visits/<int:pk>/", visits.visit, name="visit"),
    path("signs/", signs.sign_list, name="signs"),
    path("signs/new/", signs.sign_new, name="sign_new"),
    path("signs/<int:pk>/", signs.sign, name="sign"),
    path("signs/<int:pk>/act/", signs.sign_act, name="sign_act"),
    path("topics/", topics.topic_list, name="topics"),
    path("topics/new/", topics.topic_new, name="topic_new"),
    path("topics/<int:pk>/", topics.topic, name="topic"),
    path("topics/<int:pk>/edit/", topics.topic_edit, name="topic_edit"),
    path("topics/<int:pk>/findings/", topics.topic_findings, name="topic_findings"),
    path("topics/<int:pk>/collect/", topics.topic_collect, name="topic_collect"),
    path("topics/<int:pk>/signs/<int:link>/release/", topics.topic_release, name="topic_release"),
    path("topics/<int:pk>/act/", topics.topic_act, name="topic_act"),
    path("requirements/", requirements.requirement_list, name="requirements"),
    path("requirements/export/", requirements.export, name="requirements_export"),
    path("requirements/new/", requirements.requirement_new, name="requirement_new"),
    path("requirements/<int:pk>/", requirements.requirement, name="requirement"),
    path("requirements/<int:pk>/spread/", requirements.requirement_spread, name="requirement_spread"),
    path("replies/<int:pk>/", requirements.reply, name="reply"),
    path("replies/<int:pk>/act/", requirements.reply_act, name="reply_act"),
    path("rules/", rules.rule_list, name="rules"),
    path("rules/export/", rules.export, name="rules_export"),
    path("rules/new/", rules.rule_new, name="rule_new"),
    path("rules/<int:pk>/", rules.rule, name="rule"),
    path("rules/<int:pk>/edit/", rules.rule_edit, name="rule_edit"),
]
