"""People, workspaces and keys, for staff."""

from __future__ import annotations

from typing import Any

import allauth.socialaccount.admin
import allauth.usersessions.admin  # noqa: F401  (registers what is taken out below)
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from accounts import addresses, keys, people
from accounts.audit import Actor
from accounts.models import (
    APIKey,
    AuditEntry,
    Erasure,
    IdempotencyRecord,
    Invitation,
    KeyUse,
    Membership,
    User,
    Workspace,
)
from accounts.readonly import ReadOnlyAdmin, ReadOnlyInline
from accounts.webhooks import admin as webhooks  # registers itself

__all__ = ["webhooks"]

admin.site.unregister(Group)
# Apps of Google and GitHub come from the settings, their tokens are not kept, and who is signed in
# where is for that person to see.
admin.site.unregister([SocialApp, SocialToken, UserSession])

#: The columns of `Paced`; empty, the settings decide.
RATES = ["paid_per_minute", "paid_burst", "other_per_minute", "other_burst"]


class NewUserForm(BaseUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email",)


class MembershipInline(TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user", "workspace"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    """Somebody made here gets a workspace too, like everybody who signs up."""

    form = UserChangeForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "name", "is_staff", "is_active", "joined_at"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["email", "name"]
    ordering = ["-joined_at"]
    readonly_fields = ["last_login", "joined_at"]
    inlines = [MembershipInline]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        ("Staff", {"fields": ["is_active", "is_staff", "is_superuser", "user_permissions"]}),
        ("Dates", {"fields": ["joined_at", "last_login"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "password1", "password2"]})]
    filter_horizontal = ["user_permissions"]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return self.inlines if obj else []

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            people.open_workspace(owner=obj)


@admin.register(Workspace)
class WorkspaceAdmin(ModelAdmin):
    list_display = ["name", "public_id", "created_at", "suspended_at"]
    search_fields = ["name", "id", "people__email"]
    readonly_fields = ["public_id", "created_at"]
    fieldsets = [
        (None, {"fields": ["name", "public_id", "created_at", "suspended_at"]}),
        ("All its keys together", {"fields": RATES}),
    ]
    inlines = [MembershipInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a workspace begins with its owner: `manage.py create_workspace`

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # its books stay


class KeyUseInline(ReadOnlyInline):
    model = KeyUse
    fields = ["address", "first_used_at", "last_used_at"]
    ordering = ["-last_used_at"]
    per_page = 50


@admin.register(APIKey)
class APIKeyAdmin(ModelAdmin):
    """Staff revoke keys and say how fast they may be; the rest is their makers'."""

    list_display = ["name", "ending", "workspace", "maker", "created_at", "last_used_at", "state"]
    list_select_related = ["workspace", "maker__user", "maker__workspace"]
    search_fields = ["name", "ending", "lookup", "workspace__name"]
    readonly_fields = [
        *["name", "public_id", "ending", "workspace", "maker", "scopes", "allowed_addresses"],
        *["lineage", "created_at", "last_used_at", "expires_at", "revoked_at", "previous_until"],
    ]
    fieldsets = [(None, {"fields": readonly_fields}), ("How often it may ask", {"fields": RATES})]
    inlines = [KeyUseInline]
    actions = ["revoke"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # its text is for its maker alone

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="state")
    def state(self, key: APIKey) -> str:
        return key.state(timezone.now())

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[APIKey]) -> None:
        by = Actor(str(request.user)[:100], addresses.of(request))
        for key in chosen:
            keys.revoke(key=key, now=timezone.now(), by=by)
            self.log_change(request, key, "Revoked.")
        self.message_user(request, f"{len(chosen)} keys open nothing any more.")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["sent_at", "workspace", "email", "role", "state"]
    list_select_related = ["workspace"]
    search_fields = ["email", "workspace__name"]
    exclude = ["token_hash"]
    ordering = ["-sent_at"]

    @admin.display(description="state")
    def state(self, invitation: Invitation) -> str:
        return invitation.state(timezone.now())


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "workspace", "actor", "action", "subject", "address"]
    list_select_related = ["workspace"]
    list_filter = ["action"]
    search_fields = ["actor", "subject", "workspace__name"]
    ordering = ["-id"]


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    list_display = ["key", "scope", "workspace", "status", "reference", "created_at"]
    list_select_related = ["workspace"]
    search_fields = ["key", "reference"]


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """Accounts that were closed by their owners; what holds one up stands in its row."""

    list_display = ["user", "asked_at", "due_at", "done_at", "obstacle"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    ordering = ["-asked_at"]
