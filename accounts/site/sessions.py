"""Where somebody is signed in: one of those places is left from here."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts import devices
from accounts.access import MemberRequest, signed_in


@require_POST
@signed_in
def end_session(request: MemberRequest, session_id: int) -> HttpResponse:
    """Its browser has to log in again; this one only by logging out."""
    mine = UserSession.objects.filter(user=request.user)
    session = get_object_or_404(
        mine.exclude(session_key=request.session.session_key), pk=session_id
    )
    session.end()
    messages.info(request, f"{devices.named(session.user_agent)} is signed out.")
    return redirect("usersessions_list")
