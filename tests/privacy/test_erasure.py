"""The end of an account: refused while something is open, closed at once, forgotten later."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import keys, letters, tasks
from accounts.key_texts import KeyRefused
from accounts.models import AuditEntry, Erasure, Letter, Membership, User
from accounts.privacy import erasure
from billing import ledger
from billing.models import Quote, TopUp, Transfer
from generations import frames, orders
from generations.models import Generation, Upload
from generations.spec import ClipSpec
from tests.api.tools import a_picture
from tests.factories import a_member, a_workspace
from tests.site import lives
from tests.site.proving import PASSWORD, set_up_an_app

NOW = timezone.now


def delete(browser: Client, dora, **typed: str):
    return browser.post("/account/delete", {"email": dora.user.email, **typed})


def forgotten(dora) -> None:
    """The days of grace are over."""
    Erasure.objects.update(due_at=NOW() - timedelta(minutes=1))
    tasks.erase()


def everything_stored() -> list[str]:
    """Every row of every table, as text."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [f"{table}: {row[0]}" for row in cursor.fetchall()]
    return found


def refused(answer) -> str:
    assert answer.status_code == 422, answer
    assert User.objects.get(email="alice@example.org").is_active
    return answer.content.decode()


def test_an_owner_of_others_is_told_to_hand_over_first(here, dora):
    a_member(dora.workspace)
    said = refused(delete(here, dora, gives_up="on"))
    assert "one other person would lose it" in said
    assert "Make somebody else its owner" in said


def test_with_a_balance_one_is_told_what_can_be_done_about_it(here, dora):
    assert "write to us so that we pay it back" in refused(delete(here, dora))
    assert "$10.00 is left" in here.get("/account/delete").content.decode()


def test_with_clips_under_way_one_waits_or_cancels(here, dora):
    lives.running(lives.ordered(dora))
    said = refused(delete(here, dora, gives_up="on"))
    assert "set aside for clips under way. Cancel them, or wait for them." in said


def owes_two_dollars(dora) -> None:
    """She paid two by card and spent all she had; then the bank took the two back."""
    wallet = dora.workspace.wallet
    ledger.deposit(wallet=wallet, amount=2_000_000, key="card", reference="top-up:1")
    ledger.adjust(wallet=wallet, amount=-12_000_000, key="spent", description="", actor="")
    ledger.claw_back(
        wallet=wallet, amount=2_000_000, key="dp_1", reference="top-up:1", description="Dispute"
    )


def test_with_a_debt_one_pays_first(here, dora):
    owes_two_dollars(dora)
    assert "owes us $2.00" in refused(delete(here, dora))


def test_with_a_payment_under_way_one_finishes_it(here, dora):
    TopUp.objects.create(workspace=dora.workspace, amount=5_000_000)
    assert "A payment for" in refused(delete(here, dora, gives_up="on"))


def test_nobody_deletes_an_account_in_passing(here, dora):
    said = refused(here.post("/account/delete", {"email": "bob@example.org", "gives_up": "on"}))
    assert "type that" in said


def test_a_session_alone_deletes_nothing(dora, browser):
    answer = delete(browser, dora, gives_up="on")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not Erasure.objects.exists()


def test_it_is_closed_at_once_and_a_link_brings_it_back(here, dora, client):
    text = keys.create(maker=dora, name="server").text
    assert "Your account is closed" in delete(here, dora, gives_up="on").content.decode()

    assert here.get("/studio").status_code == 302
    with pytest.raises(KeyRefused):
        keys.find(text, now=NOW())
    letters.send_due(now=NOW())
    link = re.search(r"http://[^/]+(/account/back/\S+)", mail.outbox[-1].body)[1]
    assert "Bring the account back?" in client.get(link).content.decode()

    client.post(link)

    assert keys.find(text, now=NOW()).workspace == dora.workspace
    client.post("/accounts/login/", {"login": dora.user.email, "password": PASSWORD})
    assert client.get("/studio").status_code == 200
    assert client.post(link).status_code == 404
    assert ledger.balance(dora.workspace.wallet).available == 10_000_000


def test_after_the_grace_nothing_of_them_is_stored_but_the_money_rows(here, dora):
    set_up_an_app(here)
    clip = lives.delivered(lives.ordered(dora, prompt="Secretword in the rain"))
    hidden = lives.delivered(lives.ordered(dora, prompt="Secretword, hidden by staff"))
    Generation.objects.filter(pk=hidden.pk).update(deleted_at=NOW())
    frame = frames.accept(workspace=dora.workspace, content=a_picture())
    orders.quote(
        workspace=dora.workspace,
        spec=ClipSpec(model="hailuo-2.3", prompt="Secretword"),
        count=1,
        now=NOW(),
    )
    keys.create(maker=dora, name="Render server")
    here.post("/account", {"name": "Secretword Lumière"})
    moves = list(Transfer.objects.order_by("id").values_list("pk", "amount"))
    files = [clip.clip.name, hidden.clip.name, frame.name]

    delete(here, dora, gives_up="on")
    letters.send_due(now=NOW())
    forgotten(dora)

    telling = ("Secretword", "alice@example.org")
    assert [row for row in everything_stored() if any(word in row for word in telling)] == []
    assert not any(default_storage.exists(name) for name in files)
    assert not Upload.objects.exists()
    assert not Membership.objects.filter(user=dora.user).exists()
    assert Generation.objects.get(pk=clip.pk).charged == clip.charged
    assert Quote.objects.exists()
    kept = list(Transfer.objects.order_by("id").values_list("pk", "amount"))
    assert kept[: len(moves)] == moves
    assert ledger.balance(dora.workspace.wallet) == ledger.Balance(available=0, held=0)
    assert Erasure.objects.get().done_at


def test_the_audit_forgets_from_where_they_acted_and_keeps_what_they_did(here, dora):
    delete(here, dora, gives_up="on")
    forgotten(dora)
    deeds = AuditEntry.objects.filter(actor=dora.user.public_id)
    assert deeds.filter(action="account.closed").exists()
    assert not deeds.exclude(address=None).exists()
    assert AuditEntry.objects.filter(action="account.erased", actor="system").exists()


def test_what_they_made_in_workspaces_of_others_stays_there(here, dora):
    other = a_workspace(deposit="3.00")
    place = a_member(other, user=dora.user)
    clip = lives.delivered(lives.ordered(place, prompt="For the team"))

    delete(here, dora, gives_up="on")
    forgotten(dora)

    clip.refresh_from_db()
    assert (clip.prompt, clip.deleted_at) == ("For the team", None)
    assert not other.memberships.filter(user=dora.user).exists()
    assert other.suspended_at is None


def test_money_that_moves_meanwhile_holds_it_up_until_it_is_settled(here, dora):
    delete(here, dora, gives_up="on")
    owes_two_dollars(dora)
    forgotten(dora)
    assert "owes us" in Erasure.objects.get().obstacle
    assert User.objects.filter(email="alice@example.org").exists()

    ledger.deposit(wallet=dora.workspace.wallet, amount=2_000_000, key="pays")
    tasks.erase()
    assert not User.objects.filter(email="alice@example.org").exists()


def test_cut_off_half_way_it_goes_on_the_next_time(here, dora):
    delete(here, dora, gives_up="on")
    person = erasure.holders.person(dora.user)
    erasure.holders.holders()[0].erase(person, gives_up=True)
    erasure.holders.holders()[1].erase(person, gives_up=True)
    forgotten(dora)
    assert Erasure.objects.get().done_at
    tasks.erase()
    assert AuditEntry.objects.filter(action="account.erased").count() == 1


def test_the_same_person_may_come_again(here, dora, client):
    delete(here, dora, gives_up="on")
    forgotten(dora)
    client.post("/accounts/signup/", {"email": "alice@example.org", "password1": PASSWORD})
    assert User.objects.filter(email="alice@example.org").count() == 1


def test_staff_forget_somebody_at_once(dora):
    with pytest.raises(CommandError, match="is left in the wallet"):
        call_command("erase_person", dora.user.email)
    assert dora.user.is_active
    call_command("erase_person", dora.user.email, give_up_balance=True)
    assert not User.objects.filter(email="alice@example.org").exists()
    assert not Letter.objects.exists()
    with pytest.raises(CommandError, match="nobody"):
        call_command("erase_person", "alice@example.org")
