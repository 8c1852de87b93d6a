from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.templatetags.static import static

from accountability.forms import MoveForm


def documents(request):
    """四书与责任书 as signed documents are not built yet; their duties already live in the ledger."""
    context = {
        "title": "责任书与清单",
        "sentence": "责任书、承诺书和清单的起草与签署尚未建成；其责任事项已在责任台账中，可作为履责记录上传签署件。",
    }
    return render(request, "pages/not_built_page.html", context)


def style_guide(request):
    return render(request, "pages/style_guide_page.html", {"form": MoveForm({"due_on": "2026-13-40", "reason": ""})})


@login_not_required
def favicon(request):
    return redirect(static("mark.svg"), permanent=False)
