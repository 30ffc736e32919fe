"""
What the library for logging in keeps of people, for superusers: to be looked at, without secrets.

A second factor can be taken away, for somebody who has lost theirs and proved who they are.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from allauth.account.admin import EmailAddressAdmin as TheirEmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.admin import AuthenticatorAdmin as TheirAuthenticatorAdmin
from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from allauth.socialaccount.admin import SocialAccountAdmin as TheirSocialAccountAdmin
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.admin import UserSessionAdmin as TheirUserSessionAdmin
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action

from accounts import asking, audit
from accounts.models import User
from accounts.proposals import NotPossible
from accounts.readonly import ReadOnlyAdmin

#: Imported so that they are registered before they are taken out.
TAKEN_OUT = (TheirAuthenticatorAdmin, TheirSocialAccountAdmin, TheirUserSessionAdmin)

# Apps of Google and GitHub come from the settings, their tokens are not kept, and who is signed in
# where is for that person to see.
admin.site.unregister([SocialApp, SocialToken, UserSession])
admin.site.unregister([EmailAddress, Authenticator, SocialAccount])

LETTERS = {
    Authenticator.Type.TOTP: "mfa/email/totp_deactivated",
    Authenticator.Type.WEBAUTHN: "mfa/email/webauthn_removed",
}


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """People change them themselves; staff may confirm one whose letters do not arrive."""

    list_display = ["email", "user", "primary", "verified"]
    list_select_related = ["user"]
    list_filter = ["verified", "primary"]
    search_fields = ["email"]
    actions = ["make_verified"]

    make_verified = TheirEmailAddressAdmin.make_verified


@admin.register(SocialAccount)
class SocialAccountAdmin(ReadOnlyAdmin):
    list_display = ["user", "provider", "uid", "date_joined", "last_login"]
    list_select_related = ["user"]
    list_filter = ["provider"]
    search_fields = ["user__email", "uid"]


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Its secret, sealed or not, is for nobody's eyes."""

    list_display = ["user", "type", "name", "created_at", "last_used_at"]
    list_select_related = ["user"]
    list_filter = ["type"]
    search_fields = ["user__email"]
    fields = ["user", "type", "name", "created_at", "last_used_at"]
    readonly_fields = ["name"]
    actions_detail = ["remove"]

    @admin.display(description="name")
    def name(self, factor: Authenticator) -> str:
        return str(factor.data.get("name") or "–")

    def has_remove_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("mfa.delete_authenticator"))

    @action(description="Take it away", url_path="remove", permissions=["remove"])
    def remove(self, request: HttpRequest, object_id: str) -> HttpResponse:
        factor = asking.find(Authenticator.objects.select_related("user"), object_id)
        return asking.ask(
            self,
            request,
            factor,
            do=partial(take_away, factor, **asking.who(request)),
            title=f"Take it away: {factor}",
            verb="Take it away",
            note="Only for somebody who has lost it and proved who they are. They are told by a "
            "letter, and sign in without it from then on.",
            then=reverse("admin:mfa_authenticator_changelist"),
        )


@transaction.atomic
def take_away(factor: Authenticator, *, by: User, reason: str, address: str | None = None) -> str:
    """With the recovery codes, where no other factor is left. Raises NotPossible if it is gone."""
    person: User = factor.user
    if not Authenticator.objects.filter(pk=factor.pk).delete()[0]:
        raise NotPossible("Somebody else has taken it away meanwhile.")
    delete_dangling_recovery_codes(person)
    audit.record(
        workspace=None,
        by=audit.Actor(by.email, address),
        action="second_factor.removed",
        subject=person.public_id,
        reason=reason,
        type=factor.type,
    )
    if letter := LETTERS.get(Authenticator.Type(factor.type)):
        get_adapter().send_notification_mail(letter, person)
    return f"{person.email} signs in without it."
