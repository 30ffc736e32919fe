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


COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
KNOWN = (ROOT / "docs" / "settings.md").read_text()
CADDY = (ROOT / "docs" / "ops" / "Caddyfile").read_text()


def test_compose_names_only_settings_that_exist():
    for name in COMPOSE["x-reelay"]["environment"]:
        is_provider = name.endswith("_API_KEY")
        assert f"`{name}`" in KNOWN or is_provider, name


def test_what_compose_does_not_name_reaches_everything_of_ours_from_the_file_of_settings():
    ours = [one for one in SERVICES.values() if one.get("image") == "reelay"]

    assert all(one["env_file"] == [{"path": ".env", "required": False}] for one in ours)
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    assert {"SECRET_KEY", "PUBLIC_URL", "POSTGRES_PASSWORD"} <= asked


@pytest.mark.parametrize("list_", [".gitignore", ".dockerignore"])
def test_the_file_of_secrets_comes_into_no_commit_and_no_image(list_):
    assert {".env", ".env.*"} <= set((ROOT / list_).read_text().splitlines())


def test_the_proxy_reaches_services_at_the_ports_they_listen_on_and_knows_their_hosts():
    listening = {
        name: {one.rsplit(":", 1)[1] for one in service.get("ports", [])}
        for name, service in SERVICES.items()
    }
    proxied = re.findall(r"reverse_proxy (\w+):(\d+)", CADDY)

    assert {name for name, _ in proxied} == {"web", "events", "storage"}
    assert all(port in listening[name] for name, port in proxied)
    assert {name for name, _ in proxied} == set(SERVICES["proxy"]["depends_on"])
    hosts = set(re.findall(r"^\{\$(\w+)\} \{", CADDY, re.M))
    assert hosts == set(SERVICES["proxy"]["environment"])


def test_compose_brings_a_storage_that_the_app_has_the_keys_of():
    app, storage = COMPOSE["x-reelay"]["environment"], SERVICES["storage"]["environment"]

    assert set(re.findall(r"`(S3_\w+)`", KNOWN)) - {"S3_ADDRESSING_STYLE"} <= set(app)
    assert storage["ROOT_ACCESS_KEY"] == app["S3_ACCESS_KEY_ID"]
    assert storage["ROOT_SECRET_KEY"] == app["S3_SECRET_ACCESS_KEY"]
    assert storage["VGW_REGION"] == app["S3_REGION"]
    assert f"http://storage{storage['VGW_PORT']}" in app["S3_ENDPOINT_URL"]


def test_redis_is_nobody_elses_keeps_what_it_has_and_asks_for_its_password():
    app, own = COMPOSE["x-reelay"]["environment"], SERVICES["redis"]
    (password,) = re.findall(r"--requirepass (\S+ ?\S* ?\S* ?\S*\})", own["command"])

    assert app["REDIS_URL"] == f"redis://:{password}@redis"
    assert own["environment"]["REDISCLI_AUTH"] == password
    assert "ports" not in own
    assert "--maxmemory-policy noeviction" in own["command"]
    assert "--appendonly yes" in own["command"]


def test_the_image_is_an_ordinary_users_and_nothing_in_it_changes():
    image = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (\w+)", image, re.M)[-1] == "reelay"
    assert "COPY --chown=root:root . ." in image
    assert "--require-hashes" in image
    assert {".git", "var", ".venv"} <= set((ROOT / ".dockerignore").read_text().split())
    for name, one in SERVICES.items():
        if one.get("image") == "reelay":
            assert one["read_only"], name
            assert "privileged" not in one, name


def test_the_image_and_compose_hold_no_secret():
    image = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"SECRET_KEY=(\S+)", image) == ["only-for-building-static-files"]
    for name, value in COMPOSE["x-reelay"]["environment"].items():
        if re.search("KEY$|SECRET|PASSWORD|TOKEN|DSN", name):
            assert str(value).startswith("${"), name


def test_everything_of_ours_waits_for_its_tables_and_its_bucket():
    ours = {name: one for name, one in SERVICES.items() if one.get("image") == "reelay"}

    assert set(ours) == {"web", "events", "worker", "files", "holder", "beat", "migrate", "bucket"}
    for name in ours.keys() - {"migrate", "bucket"}:
        assert {"migrate", "bucket", "redis"} <= set(ours[name]["depends_on"]), name
    assert ours["bucket"]["depends_on"] == {"storage": {"condition": "service_healthy"}}


def test_what_compose_keeps_lies_in_volumes_it_names():
    mounted = [one for service in SERVICES.values() for one in service.get("volumes", [])]

    assert {one.split(":")[0] for one in mounted if one[0] != "."} == set(COMPOSE["volumes"])


def test_every_queue_has_a_worker_in_compose():
    served = set()
    for service in SERVICES.values():
        if named := re.search(r"--queues (\S+)", str(service.get("command", ""))):
            served |= set(named[1].split(","))

    assert served == {*QUEUES, *QUEUES_OF_FILES}


@pytest.mark.parametrize("name", ["web", "events", "worker", "files", "holder"])
def test_compose_kills_nothing_before_it_has_ended_by_itself(name):
    image = (ROOT / "Dockerfile").read_text().replace('", "', " ")
    command = SERVICES[name].get("command", image)
    own = re.search(r"--(?:graceful-timeout|timeout-graceful-shutdown) (\d+)", command)
    longest = int(own[1]) if own else default_of("SHUTDOWN_GRACE")

    assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > longest


def default_of(setting: str) -> int:
    return int(re.search(rf"^\| `{setting}` \| (\d+) \|", KNOWN, re.M)[1])
