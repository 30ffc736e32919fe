"""Addresses of the hosted pages; each does one act and shows the result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from aiohttp import web

from billing.sandbox.acts import checkout, methods
from billing.sandbox.kinds import Thing
from billing.sandbox.pages import checkout as counter
from billing.sandbox.pages import confirmation, forms, layout, portal, receipt
from billing.sandbox.parts import Bank
from billing.sandbox.refusals import Refusal
from billing.sandbox.shapes import portal as portals
from billing.sandbox.shapes import session as sessions

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pages:
    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def routes(self) -> list[web.RouteDef]:
        table: tuple[tuple[str, str, Handler], ...] = (
            ("GET", "/c/pay/{id}", self.checkout),
            ("POST", "/c/pay/{id}", self.pay),
            ("GET", "/authenticate/{secret}", self.question),
            ("POST", "/authenticate/{secret}", self.answer),
            ("GET", "/p/session/{token}", self.portal),
            ("POST", "/p/session/{token}/cards/{id}/{verb:default|remove}", self.change_card),
            ("GET", "/receipts/{token}", self.receipt),
        )
        return [web.route(method, path, handler) for method, path, handler in table]

    async def checkout(self, request: web.Request) -> web.StreamResponse:
        session = self._session(request)
        if session is None:
            return layout.gone()
        # Whoever comes back after their bank said no sees why.
        intent = self._bank.shelf.find(session["payment_intent"] or "")
        error = (intent["last_payment_error"] or {}) if intent else {}
        return self._counter(session, {}, error.get("message", ""))

    async def pay(self, request: web.Request) -> web.StreamResponse:
        session, typed = self._session(request), await _typed(request)
        if session is None:
            return layout.gone()
        if session["status"] != "open":
            return self._onward(session)
        if "fill" in typed:
            return self._counter(session, forms.filled(typed))
        try:
            wish = forms.wish(typed, self._email(session), self._month())
            with self._bank.store.transaction():
                intent = checkout.pay(self._bank, session, wish)
        except forms.WrongError as problem:
            return self._counter(session, _not_kept(typed), str(problem), 422)
        except Refusal as refusal:
            return self._counter(session, _not_kept(typed), str(refusal), 422)
        return self._after(session, intent, typed)

    async def question(self, request: web.Request) -> web.StreamResponse:
        intent = self._intent(request)
        if intent is None:
            return layout.gone()
        if intent["status"] != "requires_action":
            return confirmation.over(intent, self._back(intent))
        method = self._bank.shelf.get(intent["payment_method"])
        return confirmation.show(self._bank.settings.name, intent, method)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        intent, typed = self._intent(request), await _typed(request)
        if intent is None:
            return layout.gone()
        if intent["status"] != "requires_action":
            return confirmation.over(intent, self._back(intent))
        asked_back = intent["next_action"]["redirect_to_url"]["return_url"]
        with self._bank.store.transaction():
            checkout.confirmed(self._bank, intent, approved=typed.get("answer") == "yes")
        back = self._back(intent) or asked_back
        return _to(back) if back else confirmation.over(self._bank.shelf.get(intent["id"]), None)

    async def portal(self, request: web.Request) -> web.StreamResponse:
        session, customer = self._portal(request)
        if session is None or customer is None:
            return layout.gone()
        shelf = self._bank.shelf
        found = shelf.all("payment_method", customer=customer["id"])
        cards = [one for one in found if one["type"] == "card"]
        charges = shelf.all("charge", customer=customer["id"])[::-1]
        return portal.show(self._bank.settings.name, session, customer, cards, charges)

    async def change_card(self, request: web.Request) -> web.StreamResponse:
        session, customer = self._portal(request)
        if session is None or customer is None:
            return layout.gone()
        try:
            with self._bank.store.transaction():
                self._change(customer, request.match_info["id"], request.match_info["verb"])
        except Refusal:
            # Somebody pressed twice; the page shows what is true now.
            pass
        return _to(session["url"])

    async def receipt(self, request: web.Request) -> web.StreamResponse:
        charge = self._bank.shelf.behind(request.match_info["token"])
        if charge is None or charge["object"] != "charge" or not charge["paid"]:
            return layout.gone()
        refunds = self._bank.shelf.all("refund", charge=charge["id"])
        taken = [one for one in refunds if one["status"] == "succeeded"]
        return receipt.show(self._bank.settings.name, charge, taken)

    def _session(self, request: web.Request) -> Thing | None:
        found = self._bank.shelf.find(request.match_info["id"])
        return found if found and found["object"] == "checkout.session" else None

    def _intent(self, request: web.Request) -> Thing | None:
        """Only who knows the client secret sees it."""
        secret = request.match_info["secret"]
        found = self._bank.shelf.find(secret.partition("_secret_")[0])
        return found if found and found.get("client_secret") == secret else None

    def _portal(self, request: web.Request) -> tuple[Thing | None, Thing | None]:
        """The portal session and its customer, unless its time is over."""
        found = self._bank.shelf.behind(request.match_info["token"])
        if found is None or found["object"] != "billing_portal.session":
            return None, None
        if portals.is_over(found, self._bank.now()):
            return None, None
        return found, self._bank.shelf.find(found["customer"])

    def _change(self, customer: Thing, id: str, verb: str) -> None:
        method = methods.theirs(self._bank, customer["id"], id, "payment_method")
        if verb == "remove":
            methods.detach(self._bank, method)
        else:
            methods.make_default(self._bank, customer, method["id"])

    def _after(self, session: Thing, intent: Thing, typed: Mapping[str, str]) -> web.StreamResponse:
        """Onward when it is paid, to the bank's question, or back with the reason."""
        if intent["status"] == "requires_action":
            return _to(f"/authenticate/{intent['client_secret']}")
        if intent["status"] in checkout.TAKEN:
            return self._onward(session)
        return self._counter(session, typed, intent["last_payment_error"]["message"], 402)

    def _counter(
        self, session: Thing, typed: Mapping[str, str], problem: str = "", status: int = 200
    ) -> web.StreamResponse:
        shop = self._shop(session)
        if session["status"] != "open":
            return counter.closed(session, shop, sessions.success_address(session))
        shown = counter.Counter(
            shop=shop,
            session=session,
            items=self._bank.shelf.hidden(session["id"])["items"],
            saved=checkout.saved_cards(self._bank, session),
            email=self._email(session),
            offers_to_save=checkout.offers_to_save(session),
            typed=typed,
            problem=problem,
        )
        return counter.show(shown, status)

    def _onward(self, session: Thing) -> web.StreamResponse:
        """To the shop's success page; paying twice ends there too."""
        now = self._bank.shelf.get(session["id"])
        if now["status"] == "complete":
            return _to(sessions.success_address(now))
        return counter.closed(now, self._shop(now), "")

    def _back(self, intent: Thing) -> str | None:
        """Where a customer goes after their bank's question."""
        session = checkout.session_of(self._bank, intent)
        if session is None:
            return None
        if session["status"] == "complete":
            return sessions.success_address(session)
        return f"/c/pay/{session['id']}"

    def _email(self, session: Thing) -> str | None:
        customer = self._bank.shelf.find(session["customer"] or "")
        return session["customer_email"] or (customer["email"] if customer else None)

    def _shop(self, session: Thing) -> str:
        name = session["branding_settings"]["display_name"]
        return str(name or self._bank.settings.name)

    def _month(self) -> tuple[int, int]:
        at = datetime.fromtimestamp(self._bank.now(), UTC)
        return at.year, at.month


async def _typed(request: web.Request) -> dict[str, str]:
    posted = await request.post()
    return {name: value for name, value in posted.items() if isinstance(value, str)}


def _not_kept(typed: Mapping[str, str]) -> dict[str, str]:
    """A number that was refused might be a real card's; it is not sent back."""
    return {name: value for name, value in typed.items() if name not in ("number", "cvc")}


def _to(address: str) -> web.Response:
    headers = {"Location": address, "Cache-Control": "no-store"}
    return web.Response(status=303, headers=headers)
