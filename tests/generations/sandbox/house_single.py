"""ToAPIs and Pixazo as their clients see them: one order in a request, one job in a question."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx

from tests.generations.sandbox.house import House, eventually

Body = dict[str, Any]


@dataclass
class Door(ABC):
    """One company in a running sandbox."""

    house: House

    name: ClassVar[str]
    auth: ClassVar[dict[str, str]]
    queued: ClassVar[str]
    running: ClassVar[str]
    succeeded: ClassVar[str]
    failed: ClassVar[str]
    price: ClassVar[int]

    @abstractmethod
    def an_order(self, **changes: Any) -> Body:
        """A complete, correct text-to-video order; None leaves a field out."""

    @abstractmethod
    def post(self, body: Any, **headers: str) -> httpx.Response: ...

    @abstractmethod
    def look(self, job: str, **headers: str) -> httpx.Response: ...

    @abstractmethod
    def id_of(self, answer: httpx.Response) -> str: ...

    @abstractmethod
    def address(self, body: Body) -> str:
        """Where the clip of a succeeded job lies."""

    @abstractmethod
    def refusal(self, answer: httpx.Response) -> str:
        """The short word of a refusal."""

    def submit(self, prompt: str, **changes: Any) -> str:
        """Order one clip; the id of its job. The submit must be acknowledged."""
        answer = self.post(self.an_order(prompt=prompt, **changes))
        assert answer.status_code in (200, 202), answer.text
        return self.id_of(answer)

    def ended(self, job: str) -> Body:
        """What a look says once the job is no longer under way, told by the control endpoint."""
        eventually(lambda: self.house.job(job)["state"] in ("succeeded", "failed"))
        return dict(self.look(job).json())

    def last(self) -> Body:
        """The newest job of this company, as the control endpoint shows it."""
        jobs = self.house.control("GET", "jobs").json()["jobs"]
        return dict([job for job in jobs if job["provider"] == self.name][-1])

    def set(self, *, times: int | None = None, **knobs: Any) -> None:
        named = {name.replace("_", "-"): value for name, value in knobs.items()}
        limit = {"times": times} if times else {}
        answer = self.house.control("POST", "knobs", provider=self.name, knobs=named, **limit)
        assert answer.status_code == 200, answer.text

    def counter(self, name: str) -> int:
        return self.house.counters().get(f"{self.name}.{name}", 0)


class ToAPIs(Door):
    name = "toapis"
    auth: ClassVar = {"Authorization": "Bearer key"}
    queued, running, succeeded, failed = "queued", "in_progress", "completed", "failed"
    price = 280_000

    def an_order(self, **changes: Any) -> Body:
        order = {
            "model": "MiniMax-Hailuo-2.3",
            "prompt": "Waves at sunset [[stock]]",
            "duration": 6,
            "resolution": "768P",
            **changes,
        }
        return {name: value for name, value in order.items() if value is not None}

    def post(self, body: Any, **headers: str) -> httpx.Response:
        path = "/toapis/v1/videos/generations"
        return self.house.client.post(path, json=body, headers={**self.auth, **headers})

    def look(self, job: str, **headers: str) -> httpx.Response:
        path = f"/toapis/v1/videos/generations/{job}"
        return self.house.client.get(path, headers={**self.auth, **headers})

    def upload(self, content: bytes, name: str = "first.jpg", **more: Any) -> httpx.Response:
        path = "/toapis/v1/uploads/images"
        files = {"file": (name, content)}
        return self.house.client.post(path, files=files, headers=self.auth, **more)

    def id_of(self, answer: httpx.Response) -> str:
        return str(answer.json()["id"])

    def address(self, body: Body) -> str:
        return str(body["result"]["data"][0]["url"])

    def refusal(self, answer: httpx.Response) -> str:
        return str(answer.json()["error"]["type"])


class Pixazo(Door):
    name = "pixazo"
    auth: ClassVar = {"Ocp-Apim-Subscription-Key": "key"}
    queued, running, succeeded, failed = "QUEUED", "PROCESSING", "COMPLETED", "FAILED"
    price = 350_000

    def an_order(self, **changes: Any) -> Body:
        order = {
            "prompt": "Waves at sunset [[stock]]",
            "duration": 6,
            "resolution": "768P",
            "prompt_optimizer": True,
            "fast_pretreatment": False,
            "aigc_watermark": False,
            **changes,
        }
        return {name: value for name, value in order.items() if value is not None}

    def post(self, body: Any, **headers: str) -> httpx.Response:
        return self.post_to("generate", body, **headers)

    def post_to(self, form: str, body: Any, **headers: str) -> httpx.Response:
        path = f"/pixazo/minimax-hailuo-ai/v1/{form}"
        return self.house.client.post(path, json=body, headers={**self.auth, **headers})

    def look(self, job: str, **headers: str) -> httpx.Response:
        path = f"/pixazo/v2/requests/status/{job}"
        return self.house.client.get(path, headers={**self.auth, **headers})

    def id_of(self, answer: httpx.Response) -> str:
        return str(answer.json()["request_id"])

    def address(self, body: Body) -> str:
        return str(body["output"]["media_url"][0])

    def refusal(self, answer: httpx.Response) -> str:
        return str(answer.json()["error"])
