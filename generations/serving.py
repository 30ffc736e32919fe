"""
Files on their way out: clips and posters, whole or in part, never whole in memory.

Files in a folder are streamed from here; files in S3 are reached by a link of S3's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from generations import links, posters
from generations.media.ranges import Range, Unsatisfiable, if_range_matches, parse_range
from generations.models import Clip
from generations.storage import NotStored

CHUNK = 256 << 10
#: What a browser may do with a file that it shows as a page: show it.
POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class Stored:
    """One file in storage, and what is said about it."""

    name: str
    content_type: str
    filename: str
    etag: str  # with its quotes


@csrf_exempt
@require_safe
def file(request: HttpRequest, token: str) -> HttpResponseBase:
    """What a signed link leads to: 404 for a forged one, 410 for one that has expired."""
    if links.leads_elsewhere(request):
        return HttpResponseRedirect(f"{settings.MEDIA_SITE}{request.get_full_path()}")
    try:
        generation_id, kind = links.opened(token, now=timezone.now())
    except links.LinkExpired as refused:
        return _words(410, str(refused))
    except links.LinkRefused as refused:
        return _words(404, str(refused))
    clip = Clip.objects.filter(pk=generation_id, generation__deleted_at=None).first()
    try:
        stored = clip and find(clip, kind)
        if not stored:
            return _words(404, "There is no such file any more.")
        return served(request, stored, max_age=settings.LINK_SECONDS)
    except NotStored as missing:
        return _words(503, str(missing))


def find(clip: Clip, kind: str) -> Stored | None:
    """
    The clip's file or its poster, made now if nobody asked before; None where there is none.

    :raises NotStored: the storage does not give out what it is drawn from.
    """
    filename = f"gen_{clip.pk.hex}"
    if kind == "clip":
        extension = clip.name.rpartition(".")[2]
        return Stored(clip.name, clip.content_type, f"{filename}.{extension}", f'"{clip.sha256}"')
    drawn = clip if clip.poster_name else posters.make(clip.pk)
    if drawn is None or not drawn.poster_name:
        return None
    return Stored(drawn.poster_name, "image/jpeg", f"{filename}.jpg", f'"{clip.sha256}.poster"')


def served(request: HttpRequest, stored: Stored, *, max_age: int | None = None) -> HttpResponseBase:
    """
    The file: a redirect to S3, or its bytes with Range, If-Range, If-None-Match and HEAD.

    :param max_age: seconds a browser may keep it without asking again.
    :raises NotStored: the storage does not give it out.
    """
    way = "attachment" if request.GET.get("download") == "1" else "inline"
    disposition = f'{way}; filename="{stored.filename}"'
    if not isinstance(default_storage, FileSystemStorage):
        return _redirect(stored, disposition)
    response = _answer(request, stored)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private" if max_age is None else f"private, max-age={max_age}",
        "Content-Disposition": disposition,
        "Content-Security-Policy": POLICY,
        "Content-Type": stored.content_type,
        "ETag": stored.etag,
        "X-Content-Type-Options": "nosniff",
    }
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _redirect(stored: Stored, disposition: str) -> HttpResponse:
    parameters = {
        "ResponseContentDisposition": disposition,
        "ResponseContentType": stored.content_type,
    }
    link = storages["links"].url(  # type: ignore[call-arg]  # S3's takes more than Django's
        stored.name, parameters=parameters, expire=settings.S3_LINK_SECONDS
    )
    return HttpResponseRedirect(link, headers={"Cache-Control": "private, no-store"})


def _answer(request: HttpRequest, stored: Stored) -> HttpResponseBase:
    if _is_known(request, stored.etag):
        return HttpResponse(status=304)
    try:
        size = default_storage.size(stored.name)
        part = _part(request, stored.etag, size)
        if request.method == "HEAD":
            return HttpResponse(headers={"Content-Length": str(size)})
        return _streamed(request, default_storage.open(stored.name), part, size)
    except Unsatisfiable as beyond:
        return HttpResponse(status=416, headers={"Content-Range": beyond.content_range})
    except OSError as error:
        raise NotStored("missing", "The file cannot be read at the moment.") from error


def _is_known(request: HttpRequest, etag: str) -> bool:
    """Does the browser have it already?"""
    known = [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]
    return known == ["*"] or etag in [one.removeprefix("W/") for one in known]


def _part(request: HttpRequest, etag: str, size: int) -> Range | None:
    """The part asked for; None for the whole file."""
    if request.method != "GET" or not if_range_matches(request.headers.get("If-Range"), etag=etag):
        return None
    return parse_range(request.headers.get("Range"), size)


def _streamed(
    request: HttpRequest, file: IO[bytes], part: Range | None, size: int
) -> StreamingHttpResponse:
    whole = part or Range(0, size, size)
    pieces: Iterator[bytes] | AsyncIterator[bytes] = _pieces(file, whole)
    if isinstance(request, ASGIRequest):
        pieces = _awaited(_pieces(file, whole))
    response = StreamingHttpResponse(pieces, status=206 if part else 200)
    # Closed at its end, and with the response where the client leaves before that.
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]
    response.headers["Content-Length"] = str(whole.length)
    if part:
        response.headers["Content-Range"] = part.content_range
    return response


def _pieces(file: IO[bytes], part: Range) -> Iterator[bytes]:
    with file:
        file.seek(part.start)
        left = part.length
        while left and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece


async def _awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, each read in a thread, so that a slow disk holds up nobody else."""
    while piece := await asyncio.to_thread(next, pieces, b""):
        yield piece


def _words(status: int, text: str) -> HttpResponse:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "5"} if status == 503 else {})
    return HttpResponse(
        f"{text}\n", status=status, content_type="text/plain; charset=utf-8", headers=headers
    )
