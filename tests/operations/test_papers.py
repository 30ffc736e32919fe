"""What is written for operators is true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from django.db import ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper

from accounts import audit
from accounts.audit import Actor
from accounts.models import AuditEntry
from billing import ledger
from config.celery import QUEUES, QUEUES_OF_FILES

ROOT = Path(__file__).parents[2]
SECURITY = (ROOT / "docs" / "ops" / "security.md").read_text()


def test_every_proof_of_the_checklist_exists():
    proofs = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", SECURITY)

    assert len(proofs) > 10
    for file, name in proofs:
        assert f"def {name}(" in (ROOT / file).read_text(), (file, name)


def test_pages_give_up_what_they_do_not_need(client, db):
    assert "camera=()" in client.get("/healthz").headers["Permissions-Policy"]


@contextmanager
def the_apps_role() -> Iterator[CursorWrapper]:
    """As the paper has it made."""
    statements = re.search(r"```sql\n(.*?)```", SECURITY, re.S)[1]
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE reelay_app")
        cursor.execute(statements)
        cursor.execute("SET LOCAL ROLE reelay_app")
        yield cursor
        cursor.execute("RESET ROLE")


def test_the_apps_role_cannot_change_the_ledger(alice):
    wallet = alice.workspace.wallet
    with the_apps_role() as cursor:
        ledger.deposit(wallet=wallet, amount=1_000_000, key="as the app")
        for forbidden in (
            "UPDATE billing_transfer SET amount = 1",
            "DELETE FROM billing_transfer",
            "TRUNCATE billing_cost",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(forbidden)


def test_the_apps_role_takes_addresses_out_of_the_audit_and_changes_nothing_else_there(alice):
    by = Actor(alice.user.public_id, "203.0.113.7")
    audit.record(workspace=None, by=by, action="x", to=alice.user.email, amount=5)
    with the_apps_role() as cursor:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            cursor.execute("UPDATE accounts_auditentry SET action = 'y'")
        words = [alice.user.public_id, [alice.user.email, "amount"]]
        cursor.execute("SELECT accounts_forget_person(%s, %s)", words)

    entry = AuditEntry.objects.get(action="x")
    assert (entry.address, entry.data) == (None, {"to": "erased", "amount": 5})


def test_compose_names_only_settings_that_exist_and_the_proxy_its_services():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    known = (ROOT / "docs" / "settings.md").read_text()
    for name in compose["x-reelay"]["environment"]:
        is_provider = name.endswith("_API_KEY")
        assert f"`{name}`" in known or is_provider, name

    proxied = re.findall(r"reverse_proxy (\w+):", (ROOT / "docs" / "ops" / "Caddyfile").read_text())
    assert set(proxied) <= set(compose["services"])


def test_every_queue_has_a_worker_in_compose():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    served = set()
    for service in services.values():
        if named := re.search(r"--queues (\S+)", str(service.get("command", ""))):
            served |= set(named[1].split(","))

    assert served == {*QUEUES, *QUEUES_OF_FILES}
