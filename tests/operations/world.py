"""One of everything that has a page in the admin."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from accounts import keys, proposals
from accounts.models import Erasure, IdempotencyRecord, Invitation
from accounts.webhooks import deliveries, endpoints
from billing import corrections
from billing.models import Payer, PromotionCode, SpendLimit, StripeEvent, TopUp
from generations import frames, orders
from generations.models import BlockedWord, Knock, Notice, ProviderStatus, Share, ShareReport
from generations.spec import ClipSpec
from tests.api.tools import a_picture
from tests.factories import a_user
from tests.site import lives


@pytest.fixture
def world(alice):
    """One of everything that has a page."""
    now, workspace = timezone.now(), alice.workspace
    EmailAddress.objects.create(user=alice.user, email=alice.user.email)
    Authenticator.objects.create(user=alice.user, type="totp", data={})
    SocialAccount.objects.create(user=alice.user, provider="github", uid="1")
    Erasure.objects.create(user=a_user(), due_at=now)
    hook = endpoints.create(workspace, url="https://alice.example/hook").endpoint
    deliveries.ping(hook)
    clip = lives.delivered(lives.ordered(alice))
    share = Share.objects.create(generation=clip, expires_at=now)
    ShareReport.objects.create(share=share, reason="other")
    BlockedWord.objects.create(word="forbidden")
    ProviderStatus.objects.create(name="runware")
    Knock.objects.create(attempt=clip.attempts.get(), body="{}", digest="0" * 64)
    Notice.objects.get_or_create(generation=clip, type="generation.succeeded")
    frames.accept(workspace=workspace, content=a_picture())
    keys.create(maker=alice, name="CI")
    Invitation.objects.create(
        workspace=workspace, email="dora@example.org", role="member", token_hash="1f" * 32,
        invited_by=alice, sent_at=now, expires_at=now,
    )  # fmt: skip
    IdempotencyRecord.objects.create(
        workspace=workspace, scope="x", key="k", fingerprint="0" * 64, status=202
    )
    spec = ClipSpec(model="hailuo-2.3", prompt="A kite")
    orders.quote(workspace=workspace, spec=spec, count=1, now=now)
    Payer.objects.create(workspace=workspace)
    PromotionCode.objects.create(code="SPRING", amount=1)
    TopUp.objects.create(workspace=workspace, amount=10_000_000)
    StripeEvent.objects.create(id="evt_1", type="x", payload={}, happened_at=now)
    SpendLimit.objects.create(workspace=workspace, subject="workspace", window="day", amount=1)
    proposals.propose(
        by=a_user("proposer@staff.example", is_staff=True), act=corrections.DEPOSIT,
        subject=workspace.public_id, amount=1, reason="x", now=now,
    )  # fmt: skip
    return clip
