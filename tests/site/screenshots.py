"""
Pictures of every page at three widths, by day and by night: `make screenshots`.

A whole Reelay is started in a folder of its own and filled by the public API; `--site` takes the
demo of this checkout that runs already. Another page is another line of PAGES.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.journeys.site import CHECKOUT, Customer, Site
from tests.site.chromium import a_browser
from tests.webhooks.receiver import Receiver, receiving, says

WIDTHS = {"desktop": 1440, "tablet": 768, "phone": 390}
SCHEMES = ("light", "dark")
#: A long page is cut at so many times its width, and a wide one is made smaller.
TALLEST, WIDEST, QUALITY = 2.2, 960, 62


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: its file's name, its address, and what is clicked before it is taken."""

    name: str
    path: str
    clicks: tuple[str, ...] = ()
    signed_in: bool = True
    staff: bool = False


CLIP = ".contact__frame:has(img) > a"
CLIP_MARK = ".contact__frame:has(img) .contact__mark input"
STORY = "#result_list tr:has-text('succeeded') th a"

PAGES = [
    Shot("home", "/", signed_in=False),
    Shot("sign-up", "/accounts/signup/", signed_in=False),
    Shot("studio", "/studio"),
    Shot("library", "/library"),
    Shot("library-marked", "/library", clicks=(".filters__more > summary", CLIP_MARK)),
    Shot("clip", "/library", clicks=(CLIP,)),
    Shot("share", "/library", clicks=(CLIP, "#share button[type=submit]", "#share a")),
    Shot("wallet", "/wallet"),
    Shot("automatic-top-up", "/wallet", clicks=("summary:has-text('Automatic')",)),
    Shot("statements", "/billing/statements/"),
    Shot("usage", "/usage"),
    Shot("team", "/team"),
    Shot("workspaces", "/workspaces"),
    Shot("keys", "/keys"),
    Shot("webhooks", "/webhooks"),
    Shot("webhook", "/webhooks", clicks=("tbody tr:last-child a",)),
    Shot("account", "/account"),
    Shot("guide", "/docs/quickstart", signed_in=False),
    Shot("reference", "/api/docs", signed_in=False),
    Shot("log-in", "/accounts/login/", signed_in=False),
    Shot("second-step", "/accounts/2fa/"),
    Shot("sessions", "/accounts/sessions/"),
    Shot("letters", "/account/letters"),
    Shot("your-data", "/account/data"),
    Shot("delete-account", "/account/delete"),
    Shot("retention", "/workspace/retention"),
    Shot("not-found", "/nowhere"),
    Shot("staff-dashboard", "/admin/", staff=True),
    Shot("staff-story", "/admin/generations/generation/", clicks=(STORY,), staff=True),
    Shot("staff-provider", "/admin/generations/providerstatus/runware/change/", staff=True),
]

PROMPTS = [
    "A lighthouse on a cliff at sunset [Pull out]",
    "A city skyline at night in the rain [Truck left]",
    "Hot-air balloons over a misty valley at dawn [Pedestal up]",
    "Mountains under the northern lights [Tilt up]",
    "A pine forest at dawn [Push in]",
    "A paper boat sails down a rain-washed street at sunset [Push in, Pan right]",
]


def main() -> None:
    asked = _asked()
    with _site(asked.site) as (address, demo), a_browser() as browser:
        who = {
            False: _signed_in(browser, address, demo["email"], demo["password"]),
            True: _signed_in(browser, address, demo["staff"], demo["password"]),
        }
        asked.into.mkdir(parents=True, exist_ok=True)
        for shot in PAGES:
            if not asked.only or shot.name in asked.only:
                _take(browser, address, shot, who[shot.staff], asked)


def _asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--site", help="the address of a demo that runs already")
    words.add_argument("--into", type=Path, default=CHECKOUT / "docs" / "screenshots")
    words.add_argument("--kind", choices=["webp", "png"], default="webp")
    words.add_argument("--width", choices=WIDTHS, action="append")
    words.add_argument("--scheme", choices=SCHEMES, action="append")
    words.add_argument("only", nargs="*", help="names of pages")
    return words.parse_args()


@contextmanager
def _site(address: str | None) -> Iterator[tuple[str, dict[str, str]]]:
    """Where it runs, and who the demo's people are."""
    if address:
        yield address, json.loads((CHECKOUT / "var" / "demo.json").read_text())
        return
    with tempfile.TemporaryDirectory() as folder, receiving() as receiver:
        site = Site(Path(folder) / "var", environment={"OUTBOUND_ALLOW": receiver.pair})
        site.start(within=180)
        demo = json.loads((site.var / "demo.json").read_text())
        try:
            _fill(Customer(site.url, demo["api_key"]), receiver)
            yield site.url, demo
        finally:
            site.stop()


def _fill(customer: Customer, receiver: Receiver) -> None:
    """Programs that are told, finished clips, and one that is on its way."""
    _hear(customer, url=receiver.url("/reelay"), description="Render queue")
    receiver.plan = [says(503), says(500)]
    quiet = _hear(customer, url="https://hooks.example.org/wallet", events=["wallet.low"])
    customer.api.patch(f"/webhook-endpoints/{quiet}", json={"enabled": False})
    customer.finished(*[customer.order(prompt)["id"] for prompt in PROMPTS], within=180)
    customer.order("A red kite over a harbour at dawn [Pan left, Pedestal up]")


def _hear(customer: Customer, **body: object) -> str:
    answer = customer.api.post("/webhook-endpoints", json=body)
    return str(answer.raise_for_status().json()["id"])


def _signed_in(browser: Browser, address: str, email: str, password: str) -> dict[str, object]:
    page = browser.new_page(base_url=address)
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/studio")
    return dict(page.context.storage_state())


def _take(
    browser: Browser,
    address: str,
    shot: Shot,
    signed_in: dict[str, object],
    asked: argparse.Namespace,
) -> None:
    for place in asked.width or WIDTHS:
        for scheme in asked.scheme or SCHEMES:
            context = browser.new_context(
                base_url=address,
                color_scheme=scheme,
                viewport={"width": WIDTHS[place], "height": 900},
                storage_state=signed_in if shot.signed_in else None,
                reduced_motion="reduce",
            )
            picture = _picture(context.new_page(), shot)
            target = asked.into / f"{shot.name}-{place}-{scheme}.{asked.kind}"
            picture.save(target, quality=QUALITY, method=6)
            context.close()


def _picture(page: Page, shot: Shot) -> Image.Image:
    page.goto(shot.path)
    for selector in shot.clicks:
        page.locator(selector).first.click()
        page.wait_for_load_state()
    width = page.evaluate("innerWidth")
    height = min(page.evaluate("document.documentElement.scrollHeight"), int(width * TALLEST))
    page.set_viewport_size({"width": width, "height": max(height, 600)})
    page.wait_for_timeout(500)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.thumbnail((WIDEST, picture.height))
    return picture


if __name__ == "__main__":
    main()
