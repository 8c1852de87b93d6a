from django.urls import path

from supervision.views import reminder_papers as papers
from supervision.views import reminder_rules as rules

urlpatterns = [
    path("", rules.rule_list, name="reminder_rules"),
    path("new/", rules.rule_new, name="reminder_rule_new"),
    path("<int:pk>/", rules.rule, name="reminder_rule"),
    path("<int:pk>/edit/", rules.rule_edit, name="reminder_rule_edit"),
    path("<int:pk>/switch/", rules.rule_switch, name="reminder_rule_switch"),
    path("papers/", papers.paper_list, name="reminder_papers"),
    path("papers/<int:pk>/", papers.paper, name="reminder_paper"),
    path("papers/<int:pk>/read/", papers.paper_read, name="reminder_paper_read"),
    path("papers/<int:pk>/pdf/", papers.paper_pdf, name="reminder_paper_pdf"),
    path("papers/<int:pk>/typeset/", papers.paper_typeset, name="reminder_paper_typeset"),
]
