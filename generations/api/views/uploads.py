"""First frames, sent as files."""

from __future__ import annotations

import hashlib

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.api import idempotency
from accounts.api.authentication import caller
from accounts.api.base import View
from accounts.api.idempotency import Again, Asked, Made
from accounts.api.parsers import FileParser
from accounts.api.problems import FieldError, Problem, invalid
from accounts.api.schema import IDEMPOTENCY_KEY, REPLAYED, responses
from accounts.models import Workspace
from generations.api import examples, images, present, shapes
from generations.models import Upload


class Uploads(View):
    parser_classes = (FileParser,)
    max_body = 21_000_000

    @extend_schema(
        operation_id="upload",
        summary="Upload a first frame",
        description=(
            "One image as the form field `file`: JPEG, PNG or WebP, under 20 MiB, short side over "
            "300 px, ratio 2:5 to 5:2, at most 25 megapixels, not animated. We keep a copy made "
            "anew; its sizes are those answered. Order with its id as `first_frame_image`."
        ),
        tags=["Uploads"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request={"multipart/form-data": shapes.UploadForm},
        responses=responses(
            shapes.UploadSerializer,
            "idempotency_in_flight",
            "idempotency_mismatch",
            "invalid_request",
            "length_required",
            "payload_too_large",
            "unsupported_media_type",
            status=201,
            example=examples.UPLOAD,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        workspace = caller(request).workspace
        content = _file(request)
        asked = idempotency.asked(request, {"file": hashlib.sha256(content).hexdigest()})

        def again(reference: str) -> Made:
            return _again(reference, workspace)

        if before := idempotency.replay(asked, again=again):
            return before
        upload = images.accept(content, workspace=workspace, field="file")
        return _answered(asked, upload, again)


def _file(request: Request) -> bytes:
    """The bytes of the one file. Raises a 422 Problem where there is none, or more than it."""
    form = dict(request.data)
    others = [FieldError(name[:100], "unknown", "There is no such field.") for name in form]
    others = [error for error in others if error.field != "file"]
    if others:
        raise Problem("invalid_request", errors=others)
    file = form.get("file")
    if not isinstance(file, UploadedFile):
        raise invalid("file", "required", "Send one image as the file `file` of a form.")
    content: bytes = file.read()
    return content


def _answered(asked: Asked | None, upload: Upload, again: Again) -> HttpResponse:
    """Judged between transactions; the copy that lost a race of twins is removed again."""
    used = False

    def perform() -> Made:
        nonlocal used
        used = True
        return _made(upload)

    try:
        return idempotency.once(asked, perform, again=again)
    finally:
        if not used:
            images.discard(upload)


def _made(upload: Upload) -> Made:
    return Made(upload.public_id, present.upload(upload), 201)


def _again(reference: str, workspace: Workspace) -> Made:
    upload = images.upload_of(workspace, reference)
    if upload is None:
        raise Problem("not_found", "What this request made has been deleted.")
    return _made(upload)
