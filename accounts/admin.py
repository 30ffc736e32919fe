"""People, workspaces and keys, for staff."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.admin import TabularInline
from unfold.decorators import action
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from accounts import (
    addresses,
    asking,
    impersonation,
    keys,
    people,
    suspension,
    ways_in_admin,
)
from accounts.admin_forms import LookForm, NewUserForm
from accounts.audit import Actor
from accounts.audited import AuditedAdmin
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
from accounts.webhooks import admin as webhooks

__all__ = ["ways_in_admin", "webhooks"]  # they register themselves

admin.site.unregister(Group)

#: The columns of `Paced`; empty, the settings decide.
RATES = ["paid_per_minute", "paid_burst", "other_per_minute", "other_burst"]


class MembershipInline(TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user", "workspace"]


class SuspendableAdmin(AuditedAdmin):
    """Suspend and resume, whichever is possible: by these two acts, and what the first brings."""

    acts: ClassVar[dict[str, Callable[..., str]]]
    consequences: ClassVar[str]

    def has_suspend_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(f"accounts.suspend_{self.opts.model_name}"))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        row = self.get_object(request, str(object_id))
        senseless = "resume" if row is None or row.suspended_at is None else "suspend"
        shown = super().get_actions_detail(request, object_id)
        return [one for one in shown if not one.action_name.endswith(f"_{senseless}")]

    @action(description="Suspend", url_path="suspend", permissions=["suspend"])
    def suspend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._asked(request, object_id, "Suspend", note=self.consequences)

    @action(description="Resume", url_path="resume", permissions=["suspend"])
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._asked(request, object_id, "Resume")

    def _asked(self, request: HttpRequest, id: str, verb: str, note: str = "") -> HttpResponse:
        row = asking.find(self.model, id)
        do = partial(self.acts[verb], row, now=timezone.now(), **asking.who(request))
        return asking.ask(self, request, row, do=do, title=f"{verb} {row}", verb=verb, note=note)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, SuspendableAdmin):  # type: ignore[type-arg]
    """Somebody made here gets a workspace too, like everybody who signs up."""

    acts = {"Suspend": suspension.suspend_user, "Resume": suspension.resume_user}
    consequences = (
        "Their sessions end, they cannot log in, and keys they made open nothing. Their "
        "workspaces go on: suspend those as well where that is meant."
    )
    form = UserChangeForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "name", "is_staff", "is_active", "joined_at"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "name"]
    ordering = ["-joined_at"]
    readonly_fields = ["is_active", "suspended_at", "last_login", "joined_at"]
    actions_detail = ["impersonate", "suspend", "resume"]
    inlines = [MembershipInline]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        ("Staff", {"fields": ["is_staff", "groups", "is_superuser", "user_permissions"]}),
        ("Dates", {"fields": ["is_active", "suspended_at", "joined_at", "last_login"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "password1", "password2"]})]
    filter_horizontal = ["groups", "user_permissions"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Nobody hands out more than they have."""
        own = [] if request.user.is_superuser else ["is_superuser", "user_permissions"]
        return [*self.readonly_fields, *own]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what they did stays theirs: suspend them

    def has_impersonate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm(impersonation.PERMISSION))

    def get_urls(self) -> list[URLPattern]:
        stop = self.admin_site.admin_view(require_POST(self.stop_impersonation))
        return [path("impersonation/stop", stop, name="stop_impersonation"), *super().get_urls()]

    @action(description="Look as this person", url_path="look-as", permissions=["impersonate"])
    def impersonate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person = asking.find(User, object_id)
        if why := impersonation.obstacle(person):
            messages.error(request, why)
            return redirect(asking.page_of(person))
        by = asking.who(request)["by"]
        return asking.ask(
            self,
            request,
            person,
            do=partial(impersonation.begin, request, by=by, person=person, now=timezone.now()),
            title=f"Look as {person}",
            verb="Look as this person",
            form=LookForm(request.POST or None, person=person),
            note="You see their pages and can change nothing. It is written down, and ends by "
            "itself after half an hour.",
            then="/studio",
        )

    def stop_impersonation(self, request: HttpRequest) -> HttpResponse:
        person = impersonation.end(request, how="stopped")
        if person is None:
            messages.info(request, "You were looking as nobody.")
            return redirect("admin:index")
        messages.success(request, "You are yourself again.")
        return redirect("admin:accounts_user_change", person)

    def told(self, row: User) -> dict[str, Any]:
        """Who is of the staff, and as what."""
        roles = [str(group) for group in row.groups.order_by("name")]
        return {"staff": row.is_staff, "superuser": row.is_superuser, "roles": roles}

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return self.inlines if obj else []

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            people.open_workspace(owner=obj)


@admin.register(Workspace)
class WorkspaceAdmin(SuspendableAdmin):
    acts = {"Suspend": suspension.suspend_workspace, "Resume": suspension.resume_workspace}
    consequences = (
        "It orders and pays nothing, its keys open nothing. What a provider makes already is "
        "finished and charged; what waits is canceled and its money given back."
    )
    list_display = ["name", "public_id", "created_at", "suspended_at"]
    search_fields = ["name", "id", "people__email"]
    list_filter = [("suspended_at", admin.EmptyFieldListFilter)]
    readonly_fields = ["public_id", "created_at", "suspended_at"]
    actions_detail = ["suspend", "resume"]
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
class APIKeyAdmin(AuditedAdmin):
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
    @asking.few
    def revoke(self, request: HttpRequest, chosen: QuerySet[APIKey]) -> None:
        by = Actor(str(request.user)[:100], addresses.of(request))
        for key in chosen:
            if key.revoked_at:
                self.message_user(request, f"{key} was revoked before.", level="WARNING")
                continue
            keys.revoke(key=key, now=timezone.now(), by=by)
            self.log_change(request, key, "Revoked.")
            self.message_user(request, f"{key} opens nothing any more.")


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
