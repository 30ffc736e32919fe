"""Which letters somebody wants."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import topics
from accounts.access import MemberRequest, signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def letters(request: MemberRequest) -> HttpResponse:
    """A switch for each topic; what is not ticked is off."""
    if request.method == "POST":
        topics.keep(request.user, request.POST.getlist("topic"))
        messages.info(request, "Your letters are as you want them.")
        return redirect("letters")
    return render(request, "accounts/letters.html", {"topics": topics.listed()})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """
    The link in a letter. Mail programs send a POST by themselves when their button is pressed
    (RFC 8058), without a session; a GET only asks, as some of them open every link to check it.
    """
    try:
        user, topic = topics.opened(token)
    except topics.LinkRefused as refused:
        raise Http404(str(refused)) from None
    if request.method == "POST":
        topics.mute(user, topic)
    context = {"topic": topic, "done": request.method == "POST"}
    return render(request, "accounts/stop_letters.html", context)
