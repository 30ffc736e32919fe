"""The sandbox as its clients see it, and a shop that listens for its webhooks."""

from __future__ import annotations

import html
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import stripe

TOKEN = "launcher"
KEY = "sk_test_house"
SECRET = "whsec_0123456789abcdef0123456789abcdef"
PROJECT = Path(__file__).resolve().parents[3]

SHOP = "http://127.0.0.1:9"

Thing = dict[str, Any]


class House:
    """A sandbox process of its own."""

    def __init__(self, state: Path, webhook_url: str = "") -> None:
        self.state = state
        self.webhook_url = webhook_url
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start it; after the first time on the same port, so that its addresses stay good."""
        named = ["--webhook-url", self.webhook_url] if self.webhook_url else []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "billing.sandbox", "--port", str(self.port),
             "--state", str(self.state), "--first-pause", "0.05", *named],
            cwd=PROJECT, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "STRIPE_SANDBOX_TOKEN": TOKEN, "STRIPE_SECRET_KEY": KEY,
                 "STRIPE_WEBHOOK_SECRET": SECRET},
        )  # fmt: skip
        assert self.process.stdout is not None
        ready = self.process.stdout.readline()
        assert ready.startswith("ready http://127.0.0.1:"), ready
        self.url = ready.split()[1]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.browser = httpx.Client(base_url=self.url, timeout=20)
        self._wires: list[Any] = []
        self.stripe = self.client()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.browser.close()
        for wire in self._wires:
            wire.close()

    def client(self, *, key: str = KEY, retries: int = 0, timeout: float = 20) -> Any:
        """The `v1` of the official library, as the shop uses it."""
        wire = stripe.HTTPXClient(allow_sync_methods=True, timeout=timeout)
        self._wires.append(wire)
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.url},
            http_client=wire,
            max_network_retries=retries,
        ).v1

    # The shop's side

    def customer(self, email: str = "alice@example.org") -> Any:
        return self.stripe.customers.create({"email": email, "metadata": {"workspace": "w1"}})

    def session(self, cents: int = 2500, **changes: Any) -> Any:
        return self.stripe.checkout.sessions.create(an_order(cents, **changes))

    def charge_saved(self, customer: str, method: str, cents: int = 1000, **more: Any) -> Any:
        wish = {
            "amount": cents, "currency": "usd", "customer": customer, "payment_method": method,
            "off_session": True, "confirm": True, **more,
        }  # fmt: skip
        return self.stripe.payment_intents.create(wish)

    # The customer's side

    def pay(self, session: Any, number: str = "4242424242424242", **typed: str) -> httpx.Response:
        """Fill in the Checkout page and press Pay; redirects are not followed."""
        form = {
            "email": "alice@example.org", "method": "card", "number": number,
            "expiry": "12 / 34", "cvc": "123", "pay": "1", **typed,
        }  # fmt: skip
        return self.browser.post(f"/c/pay/{session.id}", data=form)

    def paid(self, cents: int = 2500, number: str = "4242424242424242", **changes: Any) -> Any:
        """A session that was paid, as the API tells it."""
        session = self.session(cents, **changes)
        assert self.pay(session, number).status_code == 303
        return self.stripe.checkout.sessions.retrieve(session.id)

    # The launcher's side

    def control(self, method: str, address: str, /, **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return self.browser.request(
            method, f"/control/{address}", json=body or None, headers=headers
        )

    def tell(self, address: str, /, **body: Any) -> Thing:
        answer = self.control("POST", address, **body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def counters(self) -> Thing:
        return dict(self.control("GET", "counters").json())

    def events(self) -> list[Thing]:
        return list(self.control("GET", "events").json()["events"])

    def types(self, *, after: int = 0) -> list[str]:
        return [event["type"] for event in self.events()[after:]]


@dataclass
class Call:
    at: float
    header: str
    payload: str

    def event(self, secret: str = SECRET) -> Any:
        """Verified as the shop does it; raises when the signature is wrong."""
        return stripe.Webhook.construct_event(self.payload, self.header, secret)


@dataclass
class Shop:
    """The shop's webhook address. `answers` are used up one by one, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    delay: float = 0.0
    calls: list[Call] = field(default_factory=list)
    inside: int = 0
    most_inside: int = 0

    def types(self) -> list[str]:
        return [call.event()["type"] for call in self.calls]

    def wait_for(self, count: int, *, within: float = 60) -> list[Call]:
        eventually(lambda: len(self.calls) >= count, within=within)
        return self.calls


def listen() -> tuple[Shop, ThreadingHTTPServer]:
    shop, lock = Shop(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"])).decode()
            with lock:
                shop.inside += 1
                shop.most_inside = max(shop.most_inside, shop.inside)
                shop.calls.append(Call(time.time(), self.headers["Stripe-Signature"], payload))
                status = shop.answers.pop(0) if shop.answers else 200
            time.sleep(shop.delay)
            with lock:
                shop.inside -= 1
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 200

    server = Server(("127.0.0.1", 0), Handler)
    shop.url = f"http://127.0.0.1:{server.server_address[1]}/webhooks/stripe"
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    return shop, server


def an_order(cents: int = 2500, **changes: Any) -> Thing:
    """What the shop asks for when somebody tops up."""
    return {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "usd",
                    "unit_amount": cents,
                    "product_data": {"name": "Wallet top-up"},
                },
            }
        ],
        "success_url": f"{SHOP}/paid?session={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{SHOP}/wallet",
        "metadata": {"topup_id": "top_1"},
        **changes,
    }


def text_of(answer: httpx.Response) -> str:
    """What a person reads on a page."""
    without_style = re.sub(r"<style>.*?</style>", "", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without_style)).split())


def eventually(condition: Callable[[], object], *, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.02)
