"""The guides: what they tell people to type works, and is about endpoints that exist."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from django.template.loader import get_template
from django.utils.html import escape

from accounts.api.codes import CODES
from config import docs
from config.templatetags import snippets

pytestmark = pytest.mark.django_db

NAMES = sorted({path.stem for path in snippets.folder().iterdir()})
FILES = sorted(tuple(path.name.split(".")) for path in snippets.folder().iterdir())


def described(client) -> set[str]:
    return set(client.get("/api/v1/openapi.json").json()["paths"])


@pytest.mark.parametrize(("name", "language"), FILES)
def test_snippets_name_only_addresses_that_exist(client, name, language):
    text = snippets.source(name, language)
    for address in addresses(text):
        assert address in described(client), (address, name)


def addresses(text: str) -> set[str]:
    """What a snippet asks for, as the document writes it."""
    text = re.sub(r"\$ID|\{clip\['id'\]\}|\$\{clip\.id\}", "{id}", text)
    whole = re.findall(r"reelay\.example(/[^\s\"'?]+)", text)
    short = re.findall(r"[\"'`](?:\$\{api\})?(/(?:[a-z][^\s\"'`?]*))[\"'`?]", text)
    found = {one for one in whole if one not in ("/api/v1", "/v1")}
    found |= {f"/api/v1{one}" for one in short if not one.startswith("/api")}
    return found


def test_an_address_that_does_not_exist_would_be_noticed(client):
    text = 'curl https://reelay.example/api/v1/films\napi.get("/generation")'
    assert addresses(text) == {"/api/v1/films", "/api/v1/generation"}
    assert not addresses(text) & described(client)


@pytest.mark.parametrize("name", NAMES)
def test_every_snippet_is_shown_on_a_page_and_is_python(name):
    pages = [get_template(f"docs/{guide.slug}.html").template.source for guide in docs.GUIDES]
    assert any(f'{{% snippet "{name}" %}}' in page for page in pages)
    compile(snippets.source(name, "python"), name, "exec")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("node"), reason="there is no node")
@pytest.mark.parametrize("name", NAMES)
def test_every_snippet_is_javascript(name, tmp_path):
    script = tmp_path / "snippet.mjs"
    script.write_text(snippets.source(name, "javascript"))
    subprocess.run(["node", "--check", str(script)], check=True)


@pytest.mark.parametrize("guide", docs.GUIDES, ids=lambda guide: guide.slug)
def test_a_guide_shows_its_snippets_in_all_languages_without_a_script(client, settings, guide):
    settings.SITE_URL = "https://clips.example"
    page = client.get(f"/docs/{guide.slug}").content.decode()

    assert f"<h1>{escape(guide.title)}</h1>" in page
    assert "reelay.example" not in page
    assert page.count('class="snippet__one"') == page.count("data-copy=")
    assert "snippet__one" not in page or "https://clips.example/" in page or "api." in page


def test_the_language_that_was_chosen_last_shows_first_where_there_is_one(client):
    def first(page: str) -> list[str]:
        return re.findall(r'value="(\w+)" checked', client.get(page).content.decode())

    assert set(first("/docs/order")) == {"curl"}
    client.cookies["docs-language"] = "python"
    assert set(first("/docs/order")) == {"python"}
    client.cookies["docs-language"] = "cobol"
    assert set(first("/docs/order")) == {"curl"}


def test_the_page_of_errors_leads_to_every_code(client):
    page = client.get("/docs/errors").content.decode()
    for code, known in CODES.items():
        assert f'href="/docs/errors/{code}"' in page
        shown = client.get(f"/docs/errors/{code}", headers={"Accept": "text/html"})
        assert known.title in shown.content.decode()


def test_a_guide_that_is_not_there_is_not_found(client):
    assert client.get("/docs/nonsense").status_code == 404
