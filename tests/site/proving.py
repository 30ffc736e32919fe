"""Somebody with a password and a confirmed address, who says once more who they are."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time

from django.test import Client

from accounts.models import User

PASSWORD = "rain on a tin roof"


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    user.emailaddress_set.get_or_create(email=user.email, verified=True, primary=True)
    return user


def signed_in(user: User, **headers: str) -> Client:
    """Through the page, as people do."""
    browser = Client(headers=headers)
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return browser


def prove(browser: Client) -> Client:
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return browser


def app_code(secret: str, at: float | None = None) -> str:
    """What an authenticator app shows for this secret (RFC 6238)."""
    counter = struct.pack(">Q", int(at or time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = digest[-1] & 0xF
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"


def secret_on(page: str) -> str:
    return re.search(r'id="secret" class="secret">([A-Z2-7]+)<', page)[1]


def set_up_an_app(browser: Client) -> str:
    """Returns the secret the app knows from now on."""
    secret = secret_on(browser.get("/accounts/2fa/totp/activate/").content.decode())
    browser.post("/accounts/2fa/totp/activate/", {"code": app_code(secret)})
    return secret


def recovery_codes(browser: Client) -> list[str]:
    page = browser.get("/accounts/2fa/recovery-codes/").content.decode()
    return re.findall(r"<code>(\w+)</code>", page)
