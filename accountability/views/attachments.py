"""附件: download, look at, verify; always through the record that the reader may see, never by the file's own address."""

from csp.constants import NONE, SELF
from csp.decorators import csp, csp_replace
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accountability import access, acting
from accountability.models import Attachment
from accountability.services.safekeeping import NotIntact, open_intact, thumbnail_path

# An uploaded file is a guest: it loads nothing, runs nothing, and stands in no frame but our own page's.
AS_A_GUEST = {"default-src": [NONE], "frame-ancestors": [SELF], "form-action": [NONE], "base-uri": [NONE]}
# The browser's own PDF viewer wants its style sheet and its plugin, and refuses to work in a sandbox.
AS_A_PDF = AS_A_GUEST | {"object-src": [SELF], "style-src": ["'unsafe-inline'"]}
WITH_A_VIEWER = {"object-src": [SELF], "frame-src": [SELF]}
AS_A_PICTURE = AS_A_GUEST | {"sandbox": True, "img-src": [SELF]}


def _through_the_door(request, pk: int) -> Attachment:
    visible = Attachment.objects.visible_to(request.user)
    attachment = get_object_or_404(visible.select_related("record__organisation", "uploaded_by"), pk=pk)
    if attachment.record.is_confidential:
        acting.shows(attachment)
    return attachment


@require_safe
def attachment(request, pk: int):
    """下载附件: as a download under its own name."""
    attachment = _through_the_door(request, pk)
    try:
        file = open_intact(attachment)
    except NotIntact as error:
        return _not_intact(request, attachment, error)
    response = FileResponse(file, as_attachment=True, filename=attachment.name)
    response["Content-Type"] = "application/octet-stream"
    return response


def _not_intact(request, attachment: Attachment, error: NotIntact):
    """The record is there, its file is not what it was: a page that says so and what to do."""
    context = {"attachment": attachment, "error": error, "remedy": error.remedy}
    return render(request, "attachments/attachment_lost_page.html", context, status=404)


@csp_replace(WITH_A_VIEWER)
@require_safe
def preview(request, pk: int):
    """查看附件: pictures and PDF on a page of ours; of other kinds the facts and the download."""
    attachment = _through_the_door(request, pk)
    return _preview(request, attachment)


@csp_replace(WITH_A_VIEWER)
@require_POST
def verify(request, pk: int):
    """校验: whether the stored file still has its hash, said to who keeps it and to who supervises."""
    attachment = _through_the_door(request, pk)
    if not access.may_verify(request.user, attachment):
        raise PermissionDenied("只有上传人、本单位录入人员和纪委可以校验附件。")
    return _preview(request, attachment, asked=True)


def _preview(request, attachment: Attachment, *, asked: bool = False):
    try:
        open_intact(attachment).close()
    except NotIntact as error:
        return _not_intact(request, attachment, error)
    context = {
        "attachment": attachment,
        "record": attachment.record,
        "may_verify": access.may_verify(request.user, attachment),
        "asked": asked,
    }
    return render(request, "attachments/attachment_page.html", context)


@xframe_options_sameorigin
@require_safe
def content(request, pk: int):
    """The bytes inside our page: pictures and PDF only, with the type their content was found to have."""
    attachment = _through_the_door(request, pk)
    if not (attachment.is_image or attachment.is_pdf):
        raise Http404
    try:
        file = open_intact(attachment)
    except NotIntact as error:
        return _not_intact(request, attachment, error)
    response = FileResponse(file, filename=attachment.name, content_type=attachment.content_type)
    return _as_a_guest(response, AS_A_PDF if attachment.is_pdf else AS_A_PICTURE)


@require_safe
def thumbnail(request, pk: int):
    """缩略图, made when the picture was uploaded."""
    attachment = _through_the_door(request, pk)
    path = thumbnail_path(attachment)
    if attachment.is_infected or not default_storage.exists(path):
        raise Http404
    return _as_a_guest(FileResponse(default_storage.open(path), content_type="image/jpeg"), AS_A_PICTURE)


def _as_a_guest(response, policy: dict):
    return csp(policy)(lambda: response)()
