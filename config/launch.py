"""
Everything of one Reelay in one command: services, migrations, sandbox, web, workers, beat.

`python -m config.launch run` serves until it is told to stop; `demo` also orders a clip first.
Whatever the environment sets is respected. What it does not set is started here, on loopback.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from config import embedded, env, providers, services
from config.services.signals import Stopped
from config.services.supervisor import NotReady, Process, Supervisor

READY_WITHIN = 60.0
PYTHON = [sys.executable]
MANAGE = [sys.executable, str(embedded.BASE_DIR / "manage.py")]
CELERY = [sys.executable, "-m", "celery", "-A", "config.celery"]


def main(argv: list[str]) -> int:
    demo = argv == ["demo"]
    if argv not in (["run"], ["demo"]):
        print("usage: python -m config.launch run|demo", file=sys.stderr)
        return 2
    try:
        _choose_addresses()
        with _services() as tend:
            _set_up_site()
            return _serve(demo=demo, tend=tend)
    except (services.ServicesUnavailable, env.WrongSetting, CannotStart, NotReady) as error:
        print(f"Reelay cannot start: {error}", file=sys.stderr)
        return 1


class CannotStart(Exception):
    """Something a person has to change first; the message says what."""


def _choose_addresses() -> None:
    """Free ports of loopback for what nobody gave an address, before any setting is read."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.chdir(embedded.BASE_DIR)
    host, port = env.text("HOST", "127.0.0.1"), env.integer("PORT", 8000, least=0)
    os.environ["HOST"] = host
    os.environ["PORT"] = str(port or _free_port())
    if port and not _can_listen(host, port):
        raise CannotStart(f"port {port} is taken. Set PORT to another one.")
    os.environ.setdefault("SANDBOX_URL", f"http://127.0.0.1:{_free_port()}")
    os.environ.setdefault("SANDBOX_TOKEN", secrets.token_urlsafe(32))
    _choose_payments()


def _choose_payments() -> None:
    """Where nobody set up Stripe and nothing real can be bought, a stand-in takes test cards."""
    if not providers.nothing_is_real() or env.text("STRIPE_SECRET_KEY"):
        return
    os.environ["STRIPE_API_BASE"] = f"http://127.0.0.1:{_kept_port(embedded.VAR / 'stripe.port')}"
    os.environ["STRIPE_SECRET_KEY"] = f"sk_test_{secrets.token_hex(16)}"
    os.environ["STRIPE_WEBHOOK_SECRET"] = f"whsec_{secrets.token_hex(16)}"
    os.environ.setdefault("STRIPE_SANDBOX_TOKEN", secrets.token_urlsafe(32))


def _kept_port(note: Path) -> int:
    """The same as last time where it is free: receipts and open pages have it in their address."""
    with suppress(OSError, ValueError):
        if _can_listen("127.0.0.1", port := int(note.read_text())):
            return port
    port = _free_port()
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(str(port))
    return port


def _note_sandbox() -> None:
    """For tests and the curious: where its control endpoint is, readable only by us."""
    note: dict[str, object] = {
        "url": os.environ["SANDBOX_URL"],
        "token": os.environ["SANDBOX_TOKEN"],
    }
    if token := env.text("STRIPE_SANDBOX_TOKEN"):
        note["stripe"] = {"url": os.environ["STRIPE_API_BASE"], "token": token}
    path = embedded.VAR / "sandbox.json"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(note, file)


@contextmanager
def _services() -> Iterator[Callable[[], object]]:
    """Hold the embedded services, tell every child where they are; yields what revives them."""
    with embedded.services_for(["manage.py", "run"]) as attachment:
        os.environ["DATABASE_URL"] = embedded.database_url()
        os.environ["REDIS_URL"] = embedded.redis_url()
        yield attachment.tend if attachment else lambda: None


def _set_up_site() -> None:
    import django
    from django.core.checks import ERROR, run_checks
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    if wrong := [check for check in run_checks() if check.level >= ERROR]:
        raise CannotStart("\n".join(map(str, wrong)))
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    connection.close()


def _serve(*, demo: bool, tend: Callable[[], object]) -> int:
    from config import demo as showing

    supervisor = Supervisor(embedded.VAR, tend=tend)
    account = showing.open_account()
    try:
        supervisor.start(_processes())
        supervisor.wait_ready(READY_WITHIN)
        print(f"ready {_address()}", flush=True)
        code = showing.show(account, _address()) if demo else 0
        if demo and env.flag("DEMO_EXIT"):
            return code
        supervisor.run_until_signal()
        return 0
    except Stopped:
        return 0
    finally:
        supervisor.stop()


def _processes() -> list[Process]:
    from django.conf import settings

    from config.celery import QUEUES, QUEUES_OF_FILES

    everything = [
        Process("worker", _worker([*QUEUES, *QUEUES_OF_FILES], threads=24), order=1),
        Process("web", _web(), ready=_answers(f"{_address()}/healthz"), order=2),
        Process("beat", _beat(), order=2),
    ]
    if settings.SANDBOX:
        _note_sandbox()
        healthy = _answers(f"{_sandbox_url()}/healthz")
        everything.insert(0, Process("sandbox", _sandbox(), ready=healthy))
    if env.text("STRIPE_SANDBOX_TOKEN"):
        healthy = _answers(f"{os.environ['STRIPE_API_BASE']}/healthz")
        everything.insert(0, Process("stripe", _stripe(), ready=healthy))
    return everything


def _web() -> list[str]:
    return [
        *[*PYTHON, "-m", "uvicorn", "config.asgi:application"],
        *["--host", os.environ["HOST"], "--port", os.environ["PORT"]],
        *["--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "10"],
        *["--lifespan", "off", "--log-level", "warning", "--no-proxy-headers"],
    ]


def _worker(queues: Sequence[str], *, threads: int) -> list[str]:
    """Threads use a third of the memory of processes; every outgoing call has its own timeout."""
    return [
        *[*CELERY, "worker", "--pool", "threads", "--concurrency", str(threads), "-l", "WARNING"],
        *["--queues", ",".join(queues)],
        *["--without-mingle", "--without-gossip", "--without-heartbeat"],
    ]


def _beat() -> list[str]:
    return [*CELERY, "beat", "-l", "WARNING"]


def _sandbox() -> list[str]:
    port = _sandbox_url().rpartition(":")[2]
    state = str(embedded.VAR / "sandbox")
    options = ["--port", port, "--state", state]
    if seconds := env.text("SANDBOX_RENDER_SECONDS"):
        options += ["--render-seconds", seconds]
    return [*PYTHON, "-m", "generations.sandbox", *options]


def _stripe() -> list[str]:
    port = os.environ["STRIPE_API_BASE"].rpartition(":")[2]
    state, webhook = str(embedded.VAR / "stripe"), f"{_address()}/webhooks/stripe"
    options = ["--port", port, "--state", state, "--webhook-url", webhook]
    return [*PYTHON, "-m", "billing.sandbox", *options]


def _address() -> str:
    host = os.environ["HOST"]
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{os.environ['PORT']}"  # noqa: S104


def _sandbox_url() -> str:
    return os.environ["SANDBOX_URL"]


def _answers(url: str) -> Callable[[], bool]:
    def ready() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  (our own address)
                return True
        except (urllib.error.URLError, OSError):
            return False

    return ready


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _can_listen(host: str, port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
        return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
