from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from accountability.forms import MoveForm


@require_safe
def style_guide(request):
    return render(request, "pages/style_guide_page.html", {"form": MoveForm({"due_on": "2026-13-40", "reason": ""})})


@login_not_required
@require_safe
def favicon(request):
    return redirect(static("mark.svg"), permanent=False)
