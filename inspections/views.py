from django.shortcuts import render


def not_built(request):
    """巡察整改 is not built yet, and says so."""
    context = {"title": "巡察整改", "sentence": "巡视巡察整改台账尚未建成；在此之前，整改事项请仍按原有台账办理。"}
    return render(request, "pages/not_built_page.html", context)
