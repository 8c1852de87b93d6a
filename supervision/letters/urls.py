from django.urls import path

from supervision.views import letter_drafts, letters

urlpatterns = [
    path("", letters.letter_list, name="letters"),
    path("export/", letters.export, name="letters_export"),
    path("new/", letter_drafts.letter_new, name="letter_new"),
    path("<int:pk>/", letters.letter, name="letter"),
    path("<int:pk>/edit/", letter_drafts.letter_edit, name="letter_edit"),
    path("<int:pk>/act/", letters.letter_act, name="letter_act"),
    path("<int:pk>/acknowledge/", letters.letter_acknowledge, name="letter_acknowledge"),
    path("<int:pk>/pdf/", letters.letter_pdf, name="letter_pdf"),
    path("<int:pk>/docx/", letters.letter_docx, name="letter_docx"),
    path("<int:pk>/typeset/", letters.letter_typeset, name="letter_typeset"),
    path("matters/<int:pk>/answer/", letters.matter_answer, name="letter_answer"),
    path("matters/<int:pk>/evaluate/", letters.matter_evaluate, name="letter_evaluate"),
]
