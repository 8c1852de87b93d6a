"""Addresses under /oversight/clues/ (三（二）3, 四（二）)."""

from django.urls import path

from accountability.views.downloads import kept_paper
from supervision.models import CluePaper
from supervision.views import clue_items, clues

urlpatterns = [
    path("", clues.clue_list, name="clues"),
    path("export/", clues.export, name="clues_export"),
    path("counts/", clues.counts, name="clue_counts"),
    path("new/", clues.clue_new, name="clue_new"),
    path("hand-in/", clues.clue_hand_in, name="clue_hand_in"),
    path("<int:pk>/", clues.clue, name="clue"),
    path("<int:pk>/act/", clues.clue_act, name="clue_act"),
    path("<int:pk>/again/", clues.clue_again, name="clue_again"),
    path("<int:pk>/forward/", clues.clue_forward, name="clue_forward"),
    path("<int:pk>/open-answers/", clues.clue_open_answers, name="clue_open_answers"),
    path("<int:pk>/close/", clues.clue_close, name="clue_close"),
    path("items/", clues.item_list, name="clue_items"),
    path("items/<int:pk>/", clue_items.item, name="clue_item"),
    path("items/<int:pk>/act/", clue_items.item_act, name="clue_item_act"),
    path("items/<int:pk>/answer/", clue_items.item_answer, name="clue_item_answer"),
    path("items/<int:pk>/slip/", clue_items.item_pdf, name="clue_item_pdf"),
    path("papers/<int:pk>/", kept_paper, {"model": CluePaper}, name="clue_paper"),
]
