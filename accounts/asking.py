"""Acts of staff on one row: a form that asks why, one call, and what came of it said there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import addresses
from accounts.models import User
from accounts.proposals import NotPossible

M = TypeVar("M", bound=Model)
ListAct = Callable[[Any, HttpRequest, Any], None]

#: Each chosen row is an act of its own, and the page waits for all of them.
MOST_AT_ONCE = 100


class ReasonForm(forms.Form):
    """What every act asks for."""

    reason = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget())


def ask(
    admin: ModelAdmin,
    request: HttpRequest,
    row: Model,
    *,
    do: Callable[..., str],
    title: str,
    verb: str,
    form: forms.Form | None = None,
    note: str = "",
    then: str = "",
) -> HttpResponse:
    """
    The form's page, or the act and the way back.

    :param do: gets what was filled in, by name; says what came of it, or raises NotPossible.
    :param then: where to go after it, if not to the row's own page.
    """
    form = form or ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = tell(admin, request, row, lambda: do(**form.cleaned_data))
        return redirect(then if done and then else page_of(row))
    context = admin.admin_site.each_context(request) | {
        "form": form,
        "title": title,
        "verb": verb,
        "note": note,
        "opts": admin.model._meta,
        "original": row,
    }
    return render(request, "admin/act.html", context)


def tell(admin: ModelAdmin, request: HttpRequest, row: Model, do: Callable[[], str]) -> bool:
    """Do it and say what came of it; False where it was not possible."""
    try:
        said = do()
    except (NotPossible, PermissionDenied) as why:
        messages.error(request, str(why))
        return False
    admin.log_change(request, row, said)
    messages.success(request, said)
    return True


def few(act: ListAct) -> ListAct:
    """An act on the chosen rows of a list: where they are too many, none is touched."""

    @wraps(act)
    def acted(admin: Any, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        if chosen.order_by()[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE:
            messages.error(request, f"Choose at most {MOST_AT_ONCE} at once. Nothing was done.")
        else:
            act(admin, request, chosen)

    return acted


def find(rows: type[M] | QuerySet[M], id: str) -> M:
    """
    The row of an address, as it is or with `_5F` for the line in Stripe's ids, as the admin writes.

    :raises Http404: also for what is no id, or holds what no text may.
    """
    try:
        id = id.replace("\x00", "")
        return get_object_or_404(rows, pk__in={id, unquote(id)})
    except (ValidationError, ValueError):
        raise Http404 from None


def who(request: HttpRequest) -> dict[str, Any]:
    """Who acts and from where, as acts take it."""
    assert isinstance(request.user, User)  # noqa: S101  (the admin let nobody else in)
    return {"by": request.user, "address": addresses.of(request)}


def page_of(row: Model) -> str:
    """Its own page in the admin."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[quote(row.pk)])
