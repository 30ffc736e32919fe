"""What staff decide about a shared clip that somebody reported."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Now

from accounts import audit
from accounts.models import User
from generations.models import ReportState, ShareReport
from generations.staff import doing
from generations.staff.wishes import NotPossible, Wish

PERMISSION = "generations.decide_sharereport"


@transaction.atomic
def hide(*, report: ShareReport, by: User, reason: str, address: str | None = None) -> str:
    """
    Its clip is hidden, and with it every link to it; all open reports about it are settled.

    :raises NotPossible: it was decided before, or the clip is gone already: dismiss it then.
    """
    settled = _settle(report, ReportState.HIDDEN, by, reason, address)
    wish = Wish(by=by, reason=reason, address=address)
    doing.do("hide", id=report.share.generation_id, wish=wish)
    return f"The clip is hidden; {_counted(settled)} settled."


@transaction.atomic
def dismiss(*, report: ShareReport, by: User, reason: str, address: str | None = None) -> str:
    """The clip stays. Raises NotPossible where it was decided before."""
    settled = _settle(report, ReportState.DISMISSED, by, reason, address)
    return f"The clip stays; {_counted(settled)} settled."


def _settle(
    report: ShareReport, state: ReportState, by: User, reason: str, address: str | None
) -> int:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied(f"You may not do this: it takes {PERMISSION}.")
    generation = report.share.generation
    rows = ShareReport.objects.filter(share__generation=generation, state=ReportState.OPEN)
    # Of two at once the second waits here, and finds that this one is not open any more.
    open_ = list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    if report.pk not in open_:
        raise NotPossible("It was decided before, perhaps by somebody else. Nothing was changed.")
    ShareReport.objects.filter(pk__in=open_).update(state=state, decided_by=by, decided_at=Now())
    audit.record(
        by=audit.Actor(by.email, address),
        action=f"share_report.{state}",
        subject=generation.public_id,
        workspace=generation.workspace,
        reason=reason,
        reports=len(open_),
    )
    return len(open_)


def _counted(reports: int) -> str:
    return "1 report is" if reports == 1 else f"{reports} reports are"
