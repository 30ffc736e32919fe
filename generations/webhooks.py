"""
Where providers knock. A knock is filed, answered fast, and leads to the same look as the poll.

Its body is believed for nothing: the attempt is found by the unguessable address alone, and where
the provider signs, its signature must fit besides.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import addresses, bindings, security
from generations import connect, knocks
from generations.providers.base import BadSignature

MAX_BODY = 64 << 10


@csrf_exempt
@require_POST
def provider_webhook(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """
    200 for a knock on a door that exists, 404 for any other, 413 for what is too large, 401 for a
    signature that does not fit.
    """
    if _declared_length(request) > MAX_BODY:
        return JsonResponse({"error": "too large"}, status=413)
    attempt = connect.attempt_behind(provider, token)
    if attempt is None:
        return JsonResponse({}, status=404)
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return JsonResponse({"error": "too large"}, status=413)
    bindings.add(attempt=attempt.id.hex)
    try:
        said = knocks.answer(attempt, headers=request.headers, body=body, now=timezone.now())
    except BadSignature as problem:
        security.note("signature.refused", of=provider, address=addresses.of(request))
        return JsonResponse({"error": str(problem)}, status=401)
    return JsonResponse(said)


def _declared_length(request: HttpRequest) -> int:
    try:
        return int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return 0
