"""Filling in the order form like a browser does: what the page holds is what is sent."""

from __future__ import annotations

import io
from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client
from PIL import Image

HTMX = {"HTTP_HX_REQUEST": "true"}


class _Fields(HTMLParser):
    """The values a browser would send for the form with this id."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form, self.inside, self.values = form, False, {}
        self.area, self.select = "", ""

    def handle_starttag(self, tag, pairs):
        attributes = dict(pairs)
        if tag == "form":
            self.inside = attributes.get("id") == self.form
        if not self.inside or "disabled" in attributes:
            return
        if tag == "textarea":
            self.area = attributes["name"]
            self.values[self.area] = ""
        elif tag == "select":
            self.select = attributes["name"]
        elif tag == "option" and ("selected" in attributes or self.select not in self.values):
            self.values[self.select] = attributes["value"]
        elif tag == "input" and attributes.get("type") != "file":
            self._input(attributes)

    def _input(self, attributes):
        picked = attributes.get("type") not in ("radio", "checkbox") or "checked" in attributes
        if picked and attributes.get("name"):
            self.values[attributes["name"]] = attributes.get("value", "on")

    def handle_data(self, data):
        if self.area:
            self.values[self.area] += data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.select = ""
        elif tag == "form":
            self.inside = False


def typed(response: HttpResponse, form: str = "order") -> dict[str, str]:
    fields = _Fields(form)
    fields.feed(response.content.decode())
    return fields.values


def order_form(browser: Client, **changes: object) -> dict[str, object]:
    """A fresh order form, filled in."""
    return typed(browser.get("/studio")) | {"prompt": "A paper boat"} | changes


def a_picture(width: int = 640, height: int = 360, kind: str = "PNG") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 120, 40)).save(file, kind)
    file.seek(0)
    file.name = f"frame.{kind.lower()}"
    return file
