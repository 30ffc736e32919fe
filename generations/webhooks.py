"""
Where providers knock. A knock is filed, answered fast, and leads to the same look as the poll.

Its body is believed for nothing: the attempt is found by the unguessable address alone.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations import connect, knocks

MAX_BODY = 64 << 10


@csrf_exempt
@require_POST
def provider_webhook(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """200 for a knock on a door that exists, 404 for any other, 413 for what is too large."""
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        return JsonResponse({"error": "too large"}, status=413)
    attempt = connect.attempt_behind(provider, token)
    if attempt is None:
        return JsonResponse({}, status=404)
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return JsonResponse({"error": "too large"}, status=413)
    knocks.file(attempt, body)
    return JsonResponse({})
