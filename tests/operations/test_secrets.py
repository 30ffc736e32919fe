"""No page of the admin shows what opens a door; and a lost second factor can be taken away."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts import keys, letters
from accounts.models import APIKey, AuditEntry, Invitation, User, WebhookEndpoint
from accounts.webhooks import endpoints
from generations.models import Generation
from tests.operations.conftest import browser_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

APP = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def app(alice) -> Authenticator:
    """The factor on Alice's phone; recovery codes stand in for it."""
    Authenticator.objects.filter(user=alice.user).delete()
    RecoveryCodes.activate(alice.user)
    return TOTP.activate(alice.user, APP).instance


def whatever_opens_a_door(alice) -> dict[str, str]:
    hook = endpoints.create(alice.workspace, url="https://alice.example/other")
    key = keys.create(maker=alice, name="For the test")
    browser = browser_of(alice.user)
    codes = RecoveryCodes(Authenticator.objects.get(user=alice.user, type="recovery_codes"))
    app = Authenticator.objects.get(user=alice.user, type="totp")
    return {
        "secret of an app": APP,
        "the same, sealed": app.data["secret"],
        "recovery code": codes.get_unused_codes()[0],
        "their seed, sealed": codes.instance.data["seed"],
        "API key": key.text,
        "digest of an API key": APIKey.objects.get(name="For the test").secret_hash,
        "secret of an endpoint": hook.text,
        "secret of an endpoint, sealed": WebhookEndpoint.objects.get(pk=hook.endpoint.pk).secret,
        "digest of an invitation": Invitation.objects.get().token_hash,
        "session": browser.session.session_key,
        "password": User.objects.get(pk=alice.user.pk).password.rpartition("$")[2],
    }


def pages() -> list[str]:
    """The list of every model, and the page of each of its rows."""
    found = []
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"{name}_changelist"))
        found += [reverse(f"{name}_change", args=[one.pk]) for one in model.objects.all()]
    return found


def test_no_page_shows_what_opens_a_door_even_to_a_superuser(desk, alice, world, app):
    secrets = whatever_opens_a_door(alice)

    for address in pages():
        page = desk.get(address).content.decode()
        shown = [what for what, secret in secrets.items() if secret in page]
        assert not shown, address


def test_a_lost_factor_is_taken_away_with_its_codes_and_its_owner_is_told(desk, alice, app):
    address = f"/admin/mfa/authenticator/{app.pk}/remove/"
    assert "signs in without it" not in desk.get(address).content.decode()

    answer = desk.post(address, {"reason": "Lost phone, passport seen"}, follow=True)

    assert "alice@example.org signs in without it" in answer.content.decode()
    assert not Authenticator.objects.filter(user=alice.user).exists()
    entry = AuditEntry.objects.get(action="second_factor.removed")
    assert (entry.actor, entry.subject) == ("stella@staff.example", alice.user.public_id)
    assert entry.data["reason"] == "Lost phone, passport seen"
    letters.send_due(now=timezone.now())
    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]]
    assert desk.post(address, {"reason": "Again"}).status_code == 404


@pytest.mark.parametrize("id", ["nonsense", "0", "9" * 30, "%00", "1/2/3"])
@pytest.mark.parametrize("model", [Generation, User, ContentType])
def test_the_way_from_a_row_to_the_site_leads_nowhere(desk, model, id):
    type_ = ContentType.objects.get_for_model(model).pk

    assert desk.get(f"/admin/r/{type_}/{id}/").status_code == 404
