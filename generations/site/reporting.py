"""What anybody may say against a shared clip; staff decide about it."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import addresses, rates
from generations.models import ReportReason, ShareReport
from generations.site import sharing

#: From one address, in a minute.
PER_MINUTE = 5
#: More of them about one link say nothing new; whoever sends one is thanked all the same.
MOST_OPEN = 20


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label="What is wrong with it", choices=[("", "Choose one"), *ReportReason.choices]
    )
    words = forms.CharField(
        label="Anything we should know",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, token: str) -> HttpResponse:
    """The form; a POST is thanked, and refused where one address sends too many."""
    found = sharing.find(token)
    if found.state(timezone.now()) != "open":
        return sharing.closed(request, found)
    form = ReportForm(request.POST or None)
    context = {"share": found, "form": form, "thanked": "sent" in request.GET}
    if request.method != "POST" or not form.is_valid():
        return _page(request, context, status=422 if form.errors else 200)
    verdict = rates.visitor(addresses.of(request), act="reports", per_minute=PER_MINUTE)
    if verdict.refused_by:
        answer = render(request, "429.html", status=429)
        answer["Retry-After"] = str(verdict.retry_after)
        return answer
    if ShareReport.objects.filter(share=found, state="open").count() < MOST_OPEN:
        ShareReport.objects.create(share=found, **form.cleaned_data)
    return redirect(f"{request.path}?sent")


def _page(request: HttpRequest, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    answer = render(request, "generations/report.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "same-origin"  # the form's own check needs it
    return answer
