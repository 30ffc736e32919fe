"""What no file of ours may hold, found by reading all of them."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from rest_framework import serializers

from accounts.api.fields import Strict
from accounts.redis_client import client as redis
from config.celery import app
from tests.routes import routes

ROOT = Path(__file__).parents[2]
APPS = ("accounts", "billing", "config", "generations")
#: Stand-ins for other companies: they run on loopback and know nothing of ours.
SANDBOXES = ("billing/sandbox/", "generations/sandbox/")

#: Every file that opens connections, by what it does it with, and whose address it is.
DOORS = {
    "accounts/outbound/connector.py": "the guarded door of customers' webhooks",
    "accounts/outbound/names.py": "asks names; a probe that sends nothing",
    "billing/payments/gateway.py": "Stripe, at its own address",
    "config/demo.py": "our own site, for the demo's clip",
    "config/launch.py": "our own processes, whether they answer",
    "config/services/answers.py": "our own database and Redis, whether they answer",
    "generations/media/wire.py": "the guarded door of files",
    "generations/media/fetch.py": "files, through wire.py",
    "generations/transport.py": "providers, at the addresses of the settings",
}
OPENERS = {
    "aiohttp.ClientSession",
    "aiohttp.TCPConnector",
    "asyncio.open_connection",
    "httpcore.ConnectionPool",
    "httpx.AsyncClient",
    "httpx.Client",
    "httpx.get",
    "httpx.post",
    "httpx.request",
    "httpx.stream",
    "socket.create_connection",
    "socket.socket",
    "stripe.StripeClient",
    "urllib.request.urlopen",
}
#: Modules that nobody of ours opens connections with.
CLIENTS = {
    "boto3",
    "ftplib",
    "http.client",
    "pycurl",
    "requests",
    "smtplib",
    "telnetlib",
    "urllib3",
}
#: Whoever can write what these read runs code of theirs in our process.
UNPACKERS = {"cPickle", "cloudpickle", "dill", "jsonpickle", "marshal", "pickle", "shelve"}
#: Words of a request that choose columns; only names of our own lists may.
CHOOSERS = {"alias", "annotate", "exclude", "extra", "filter", "order_by", "values", "values_list"}


def files() -> Iterator[tuple[str, ast.Module]]:
    for app_name in APPS:
        for path in sorted((ROOT / app_name).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if not name.startswith(SANDBOXES):
                yield name, ast.parse(path.read_text())


def imported(tree: ast.Module) -> set[str]:
    """`a.b` for `import a.b` and for `from a import b`, with `a` itself."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def opens(tree: ast.Module) -> bool:
    """By a call of `a.b`, or by importing `b` from a, which would hide such a call."""
    return bool(OPENERS & (called(tree) | imported(tree)))


def called(tree: ast.Module) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_only_the_doors_open_connections():
    found = {name for name, tree in files() if opens(tree)}

    assert found == set(DOORS)


@pytest.mark.parametrize("forbidden", [CLIENTS, UNPACKERS], ids=["clients", "unpackers"])
def test_some_modules_nobody_of_ours_uses(forbidden):
    for name, tree in files():
        roots = {
            one for one in imported(tree) if one in forbidden or one.split(".")[0] in forbidden
        }
        assert not roots, (name, roots)


def test_tasks_travel_as_json_and_nothing_else_is_taken():
    assert app.conf.task_serializer == "json"
    assert list(app.conf.accept_content) == ["json"]
    assert app.conf.result_backend is None


@pytest.mark.parametrize("value", [{"a": [1.5, None]}, "text", True, 7, [1, 2]])
def test_what_is_cached_is_plain_and_comes_back_as_it_was(value):
    cache.set("one", value)

    (key,) = redis().keys("*one")
    stored = redis().get(key)

    assert cache.get("one") == value
    assert json.loads(stored) == value


def test_what_cannot_be_plain_is_not_cached():
    cache.set("one", ROOT)

    assert cache.get("one") is None


def test_what_somebody_else_put_into_the_cache_runs_nothing():
    key = cache.make_key("one")
    redis().set(key, b"cposix\nsystem\n(S'touch /tmp/broken-in'\ntR.")

    assert cache.get("one") is None
    assert not Path("/tmp/broken-in").exists()


def test_only_those_write_csv_who_keep_a_spreadsheet_from_calculating_it():
    writers = {name for name, tree in files() if "csv.writer" in called(tree)}

    assert writers == {"billing/pricing/sheets.py", "billing/statements/files.py"}


# What the API reads and shows


def every_serializer() -> set[type[serializers.Serializer]]:
    assert routes()  # every view is loaded by now
    found: set[type] = set()
    waiting = [serializers.Serializer]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind not in found:
                found.add(kind)
                waiting.append(kind)
    return {one for one in found if one.__module__.split(".")[0] in APPS}


def test_no_shape_of_the_api_is_taken_from_a_model():
    every = every_serializer()

    assert len(every) > 40
    assert not [one for one in every if issubclass(one, serializers.ModelSerializer)]


def test_what_is_read_is_strict_and_what_is_shown_is_another_class():
    read = {one for one in every_serializer() if issubclass(one, Strict)} - {Strict}
    shown = {one for one in every_serializer() if one.__name__.endswith("Serializer")}

    assert len(read) > 10
    assert not read & shown


def test_no_form_takes_every_column_but_staffs_own():
    for name, tree in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value == "__all__":
                assert "/admin/" in name, name


# What a request may choose


def test_no_query_is_put_together_from_what_a_request_says():
    """Names of columns come out of lists of ours: a request's own dict or list is never spread."""
    for name, tree in files():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr in CHOOSERS:
                spread = [one.value for one in call.args if isinstance(one, ast.Starred)]
                spread += [one.value for one in call.keywords if one.arg is None]
                assert not [one for one in spread if _is_of_a_request(one)], (name, call.lineno)


def _is_of_a_request(node: ast.expr) -> bool:
    said = ast.unparse(node)
    return any(word in said for word in ("request.", ".GET", ".POST", ".data", "query_params"))


def test_no_sql_is_written_by_formatting_what_came_in():
    """`extra` and `RawSQL` are not used; `execute` and `raw` get text of ours and parameters."""
    for name, tree in files():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            attribute = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            function = call.func.id if isinstance(call.func, ast.Name) else ""
            assert attribute != "extra", (name, call.lineno)
            assert function != "RawSQL", (name, call.lineno)
            if attribute in ("execute", "raw") and call.args:
                assert not _is_of_a_request(call.args[0]), (name, call.lineno)
