"""What OpenAI's clients put on the wire, and how they read a refusal."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.tools import API

WORDS = {"prompt": "A red kite over a harbour at dawn.", "model": "hailuo-2.3"}


class OpenAI(API):
    """`openai.create(WORDS)`: a form, as the clients send it, unless `json` is said."""

    def create(self, wish: dict[str, Any], **headers: str) -> Any:
        """Text, lists of texts, and bytes for a file without a name or a type."""
        form = {
            name: SimpleUploadedFile("upload", value, "application/octet-stream")
            if isinstance(value, bytes)
            else value
            for name, value in wish.items()
        }
        headers = self._headers(headers)
        return self.client.post(self._address("/videos"), form, headers=headers)

    def json(self, wish: Any, **headers: str) -> Any:
        return self.post("/videos", wish, **headers)

    def video(self, wish: dict[str, Any] = WORDS) -> dict[str, Any]:
        response = self.create(wish)
        assert response.status_code == 200, response.content
        return dict(response.json())

    def remix(self, id: str, prompt: str = "The same at night.", **headers: str) -> Any:
        return self.post(f"/videos/{id}/remix", {"prompt": prompt}, **headers)

    def _address(self, path: str) -> str:
        return f"/v1{path}"


def refused(
    response: Any, status: int, code: str, param: str | None = None, *, retry: bool = False
) -> dict[str, Any]:
    """The error in this answer; anything but OpenAI's envelope fails the test."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    assert response["X-Request-Id"]
    assert response.get("x-should-retry") == (None if retry else "false")
    body = response.json()
    assert list(body) == ["error"]
    error: dict[str, Any] = body["error"]
    assert list(error)[:4] == ["message", "type", "param", "code"]
    assert (error["code"], error["param"]) == (code, param)
    assert error["message"]
    assert error["type"].endswith("_error") or error["type"] == "insufficient_quota"
    return error
