"""
Something to try with, for whoever confirms an address: $5 in the demo, SIGN_UP_BONUS elsewhere.

It is given once for each mailbox, whatever tags and dots its name is written with, also after an
account was deleted, and to a few mailboxes of one domain; those of the large mail houses, where
everybody has one, are many domains to us. The books keep digests, not addresses.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.models import Workspace
from billing import ledger, money
from billing.models import Transfer

DEMO = 5 * money.MICROS
#: Mailboxes of one domain that get it.
PER_DOMAIN = 3
EVERYBODYS = frozenset(
    "aol.com fastmail.com gmail.com gmx.de gmx.net hotmail.com icloud.com live.com mail.ru "
    "outlook.com proton.me protonmail.com qq.com web.de yahoo.com yandex.com 163.com".split()
)
WITHOUT_DOTS = frozenset({"gmail.com", "googlemail.com"})
SAME = {"googlemail.com": "gmail.com", "protonmail.com": "proton.me"}


@transaction.atomic
def give(*, workspace: Workspace, email: str) -> bool:
    """Returns whether it was given now."""
    amount = DEMO if settings.SANDBOX_PLAYS_ALL else settings.SIGN_UP_BONUS
    name, domain = mailbox(email)
    if not amount or _is_used_up(domain):
        return False
    key = f"{_prefix(domain)}{_digest(f'{name}@{domain}')}"
    before = Transfer.objects.filter(key=f"grant:{key}").exists()
    if not before:
        ledger.grant(
            wallet=workspace.wallet, amount=amount, key=key, description="Credit to try with"
        )
    return not before


def mailbox(email: str) -> tuple[str, str]:
    """The one name of a mailbox that can be written in many ways."""
    name, _, domain = email.strip().lower().rpartition("@")
    name = name.partition("+")[0]
    if domain in WITHOUT_DOTS:
        name = name.replace(".", "")
    return name, SAME.get(domain, domain)


def _is_used_up(domain: str) -> bool:
    """Those of one domain take turns, so that no two of them are the last."""
    if domain in EVERYBODYS:
        return False
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_prefix(domain)])
    given = Transfer.objects.filter(key__startswith=f"grant:{_prefix(domain)}")
    return given.count() >= PER_DOMAIN


def _prefix(domain: str) -> str:
    return f"bonus:{_digest(domain)[:16]}:"


def _digest(text: str) -> str:
    return salted_hmac("reelay.bonus", text, algorithm="sha256").hexdigest()
