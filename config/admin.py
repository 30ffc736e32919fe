"""What needs a second member of staff, and who did what."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import addresses, proposals
from accounts.models import Proposal, ProposalState, User
from accounts.readonly import ReadOnlyAdmin
from billing import money


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    """Approved or refused by somebody else, once."""

    list_display = ["created_at", "act", "subject", "usd", "reason", "proposed_by", "state"]
    list_select_related = ["proposed_by"]
    list_filter = ["state", "act"]
    search_fields = ["subject", "proposed_by__email"]
    ordering = ["-created_at"]
    readonly_fields = ["usd"]
    exclude = ["amount"]
    change_form_outer_before_template = "admin/accounts/proposal.html"

    @admin.display(description="USD", ordering="amount")
    def usd(self, proposal: Proposal) -> str:
        return money.usd(proposal.amount)

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(require_POST(self.decide))
        return [path("<uuid:id>/decide", decide, name="decide_proposal"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        open_ = Proposal.objects.filter(pk=object_id, state=ProposalState.OPEN).first()
        undone = Proposal.objects.filter(
            pk=object_id, state=ProposalState.APPROVED, outcome=""
        ).first()
        usd = money.usd(open_.amount) if open_ else ""
        context = {**(extra_context or {}), "open": open_, "undone": undone, "usd": usd}
        answer: HttpResponse = super().change_view(request, object_id, form_url, context)
        return answer

    def decide(self, request: HttpRequest, id: uuid.UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        proposal = get_object_or_404(Proposal, pk=id)
        try:
            messages.success(request, _decided(request, proposal))
        except (proposals.NotPossible, PermissionDenied) as why:
            messages.error(request, str(why))
        return redirect(reverse("admin:accounts_proposal_change", args=[id]))


def _decided(request: HttpRequest, proposal: Proposal) -> str:
    assert isinstance(request.user, User)  # noqa: S101  (the admin let nobody else in)
    needed = proposals.permission(proposal.act)
    if not request.user.has_perm(needed):
        raise PermissionDenied(f"You may not decide this: it takes {needed}.")
    approves = request.POST.get("decision") == "approve"
    decide = proposals.approve if approves else proposals.refuse
    address = addresses.of(request)
    return decide(proposal=proposal, by=request.user, now=timezone.now(), address=address)
