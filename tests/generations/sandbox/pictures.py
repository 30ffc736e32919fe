"""First frames of all kinds."""

from __future__ import annotations

import base64
import io

from PIL import Image, ImageDraw


def an_image(width: int = 640, height: int = 400, kind: str = "JPEG", *, seed: int = 0) -> bytes:
    image = Image.new("RGB", (width, height), (40 + seed, 90, 140))
    ImageDraw.Draw(image).ellipse(
        (width * 0.2, height * 0.2, width * 0.7, height * 0.8), fill="gold"
    )
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def a_data_uri(content: bytes, kind: str = "jpeg") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
