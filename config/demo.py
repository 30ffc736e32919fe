"""
The demo: an account with credit, and one clip ordered through the public API like a customer.

Exists only while the sandbox plays every provider: nothing real can be spent.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts import keys, people
from accounts.models import Membership, User
from billing import audit, ledger, money
from config.embedded import VAR
from generations.media.judge import judge_clip
from generations.media.probe import NotAVideo

NOTE = VAR / "demo.json"
EMAIL, STAFF, PASSWORD = "demo@reelay.example", "staff@reelay.example", "projector-amber"
CREDIT = 25 * money.MICROS
PROMPT = "A paper boat sails down a rain-washed street at sunset [Push in, Pan right]"
PATIENCE = 100.0


@dataclass(frozen=True, slots=True)
class Account:
    """What a visitor needs to try everything."""

    email: str
    password: str
    staff: str
    api_key: str


def open_account() -> Account | None:
    """The demo's people, made once; None where real providers are configured."""
    if not settings.SANDBOX_PLAYS_ALL:
        return None
    try:
        return _remembered() or _made()
    finally:
        connection.close()


def show(account: Account | None, site: str) -> int:
    """Order one clip and follow it. 0 only if the file is valid and was paid for exactly once."""
    if account is None:
        print("With a real provider's key there is no demo: nothing is ordered by itself.")
        return 1
    _introduce(account, site)
    headers = {"Authorization": f"Bearer {account.api_key}"}
    with httpx.Client(base_url=f"{site}/api/v1", headers=headers, timeout=30) as api:
        placed = time.monotonic()
        order = _ok(api.post("/generations", json={"model": "hailuo-2.3", "prompt": PROMPT}))
        print(f"\nordered  {order['id']}  for ${order['price']}: {PROMPT}")
        done = _followed(api, order["id"], placed)
        if done["status"] != "succeeded":
            print(f"it {done['status']}: {(done['error'] or {}).get('message', '')}")
            return 1
        return _verdict(api, done)


def _introduce(account: Account, site: str) -> None:
    print(f"\n  site     {site}        sign in as {account.email} / {account.password}")
    print(f"  admin    {site}/admin/ sign in as {account.staff} / {account.password}")
    print(f"  api      {site}/api/docs")
    print(f"  api key  {account.api_key}")


def _followed(api: httpx.Client, id: str, placed: float) -> dict[str, Any]:
    """Until it is final, saying each new stage once."""
    said = ""
    while True:
        order = _ok(api.get(f"/generations/{id}"))
        if order["stage"] != said:
            said = order["stage"]
            print(f"{time.monotonic() - placed:7.1f} s  {said}", flush=True)
        if order["status"] in ("succeeded", "failed", "canceled"):
            return order
        if time.monotonic() - placed > PATIENCE:
            return order | {"status": f"is not done after {PATIENCE:.0f} s", "error": None}
        time.sleep(0.25)


def _verdict(api: httpx.Client, order: dict[str, Any]) -> int:
    wrong = [*_faults_of_file(api, order), *_faults_of_money(api, order), *audit.faults()]
    connection.close()
    for fault in wrong:
        print(f"WRONG: {fault}")
    clip = order["clip"]
    print(
        f"\nclip     {clip['width']}x{clip['height']}, {clip['duration']} s, {clip['bytes']} bytes"
        f"\nfile     {_place(order['id'])}"
        f"\nwallet   {json.dumps(_ok(api.get('/wallet')))}",
        flush=True,
    )
    return 1 if wrong else 0


def _faults_of_file(api: httpx.Client, order: dict[str, Any]) -> list[str]:
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        with api.stream(
            "GET", f"/generations/{order['id']}/content", follow_redirects=True
        ) as sent:
            for chunk in sent.iter_bytes():
                file.write(chunk)
        file.flush()
        try:
            judge_clip(Path(file.name), expected_format="mp4", expected_duration=order["duration"])
        except NotAVideo as error:
            return [f"the downloaded file is no clip: {error}"]
    return []


def _faults_of_money(api: httpx.Client, order: dict[str, Any]) -> list[str]:
    moves = _ok(api.get("/wallet/transactions", params={"limit": 100}))["data"]
    captures = [m for m in moves if m["generation"] == order["id"] and m["type"] == "capture"]
    return [] if len(captures) == 1 else [f"the wallet was charged {len(captures)} times"]


def _place(id: str) -> str:
    folder = VAR / "media" / "clips" / id.removeprefix("gen_")
    files = sorted(folder.glob("*.mp4")) if not settings.S3_BUCKET else []
    return str(files[0]) if files else f"s3://{settings.S3_BUCKET}/clips/{folder.name}/"


def _ok(response: httpx.Response) -> dict[str, Any]:
    if response.is_error:
        raise RuntimeError(
            f"{response.request.url} answered {response.status_code}: {response.text}"
        )
    answer: dict[str, Any] = response.json()
    return answer


def _remembered() -> Account | None:
    """The account of an earlier start, if its key still opens."""
    try:
        account = Account(**json.loads(NOTE.read_text()))
        keys.find(account.api_key, now=timezone.now())
    except (OSError, ValueError, TypeError, keys.KeyRefused):
        return None
    return account


def _made() -> Account:
    owner = _person(EMAIL)
    _person(STAFF, is_staff=True, is_superuser=True)
    key = keys.create(maker=Membership.objects.get(user=owner), name="Demo")
    account = Account(EMAIL, PASSWORD, STAFF, key.text)
    handle = os.open(NOTE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(account), file)
    return account


def _person(email: str, **fields: bool) -> User:
    """Somebody with a verified address, a workspace and the demo's credit; made once."""
    if known := User.objects.filter(email=email).first():
        return known
    user = User.objects.create_user(email, PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    workspace = people.open_workspace(owner=user)
    ledger.grant(
        wallet=workspace.wallet, amount=CREDIT, key=f"demo:{email}", description="Demo credit"
    )
    return user
