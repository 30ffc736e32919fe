"""Reading what was downloaded."""

from __future__ import annotations

import csv
import io
import json
import re
import zlib

from django.http import HttpResponse, StreamingHttpResponse

Response = HttpResponse | StreamingHttpResponse


def content_of(response: Response) -> bytes:
    assert response.status_code == 200, response.status_code
    return response.getvalue()


def rows_of(response: Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content_of(response).decode(), newline="")))


def objects_of(response: Response) -> list[dict[str, str | None]]:
    return [json.loads(line) for line in content_of(response).decode().splitlines()]


def pages_of(pdf: bytes) -> list[list[str]]:
    """For each page the pieces of text in the order they were drawn, read as a viewer would."""
    objects = {found[1]: found[2] for found in re.finditer(rb"(\d+) 0 obj\n(.*?)endobj", pdf, re.S)}
    names = dict(re.findall(rb"/(F\d+) (\d+) 0 R", pdf))
    letters = {name: _letters(objects, objects[number]) for name, number in names.items()}
    contents = re.findall(rb"/Contents (\d+) 0 R", pdf)
    return [_texts(_stream(objects[number]), letters) for number in contents]


def text_of(response: Response) -> str:
    """Everything on the paper; what was drawn in one go stands on a line."""
    return "\n".join(text for page in pages_of(content_of(response)) for text in page)


def _stream(body: bytes) -> bytes:
    found = re.search(rb"stream\r?\n(.*)\r?\nendstream", body, re.S)
    assert found
    return zlib.decompress(found[1]) if b"/FlateDecode" in body[: found.start()] else found[1]


def _letters(objects: dict[bytes, bytes], font: bytes) -> dict[int, str]:
    """What the glyphs of a face mean, from its ToUnicode table."""
    table = re.search(rb"/ToUnicode (\d+) 0 R", font)
    assert table
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", _stream(objects[table[1]]), re.I)
    return {
        int(glyph, 16): bytes.fromhex(letter.decode()).decode("utf-16-be")
        for glyph, letter in pairs
    }


TOKEN = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:[^\\()]|\\.)*)\) ?Tj|(\bET\b)", re.S)


def _texts(stream: bytes, letters: dict[bytes, dict[int, str]]) -> list[str]:
    texts, text, face = [], "", b""
    for name, shown, end in TOKEN.findall(stream):
        if end and text:
            texts.append(text)
            text = ""
        elif name:
            face = name
        elif not end:
            text += _read(shown, letters[face])
    return texts


def _read(shown: bytes, letters: dict[int, str]) -> str:
    escapes = {b"r": b"\r", b"n": b"\n"}
    plain = re.sub(rb"\\(.)", lambda found: escapes.get(found[1], found[1]), shown, flags=re.S)
    glyphs = zip(plain[::2], plain[1::2], strict=True)
    return "".join(letters[high << 8 | low] for high, low in glyphs)
