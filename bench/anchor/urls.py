"""One page of 60 KB that asks for session and user, and one that asks for nothing."""

from django.http import HttpResponse
from django.urls import path

BODY = b"<p>0123456789</p>\n" * (60 * 1024 // 18)


def anchor(request):
    return HttpResponse(BODY, headers={"X-User": request.user.get_username()})


def bare(request):
    return HttpResponse(b"ok")


urlpatterns = [path("anchor/", anchor), path("bare/", bare)]
