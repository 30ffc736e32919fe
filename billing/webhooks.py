"""Where Stripe tells us what happened: verified, filed, answered; processed by the worker."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import addresses, security
from billing import nudge
from billing.payments import events

MAX_BODY = 64 << 10


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """200 for what is filed or was before, 400 for what is not Stripe's, 413 for too much of it."""
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return JsonResponse({"error": "too large"}, status=413)
    signature = request.headers.get("Stripe-Signature", "")
    try:
        with transaction.atomic():
            is_new = events.receive(body, signature, now=timezone.now())
    except events.BadEvent as problem:
        security.note("signature.refused", of="stripe", address=addresses.of(request))
        return JsonResponse({"error": str(problem)}, status=400)
    if is_new:
        nudge.work()
    return JsonResponse({"received": True})
