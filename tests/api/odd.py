"""Values that somebody might send one day: amounts, texts, keys of requests, names of files."""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

#: The nine of every script that has digits, ASCII's among them.
NINES = [
    chr(code)
    for code in range(sys.maxunicode + 1)
    if unicodedata.category(chr(code)) == "Nd" and unicodedata.digit(chr(code)) == 9
]
SPACES = [*" \t\n\r\x0b\x0c\x00\x85\xa0", "\u2003", "\u200b", "\u202f", "\u3000", "\ufeff"]
EDGES = [2**bits + more for bits in (31, 32, 53, 63, 64, 128) for more in (-1, 0, 1)]

AMOUNTS: list[Any] = [
    *NINES,
    *[f"{space}9" for space in SPACES],
    *[f"9{space}" for space in SPACES],
    *map(str, EDGES),
    *[f"-{edge}" for edge in EDGES],
    *[f"{edge / 1_000_000:f}" for edge in EDGES],
    *EDGES,
    *[-edge for edge in EDGES],
    *["0", "0.0", "0.00", "00", "007", "0.000001", "0.0000001", "0.1", "0.28", "0.285", "6.00"],
    *["9", "99", "999999999", "999999999.999999", "1000000000", "999999999.9999999"],
    *["-1", "-0", "+1", "--1", "−1", "±1", "1-", "1e2", "1E2", "1e-2", "1e308", "1e309", "e", "1e"],
    *["1.", ".1", ".", "1..1", "1.1.1", "1,5", "1.000,00", "1,000.00", "1_000", "1'000", "1 000"],
    *["$1", "1$", "€1", "1 USD", "1¢", "USD", "½", "²", "①", "Ⅸ", "一", "٫5", "1٫5"],
    *[
        "NaN",
        "nan",
        "-NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "inf",
        "null",
        "None",
        "true",
        "false",
    ],
    *[
        "0x9",
        "0b1",
        "0o7",
        "#9",
        "9L",
        "9f",
        "9n",
        "0.28;",
        "0.28'",
        "0.28 OR 1=1",
        "{{7*7}}",
        "%39",
    ],
    *["", "  ", "九", "nine", "=9", "@9", "9\n9", "9\u2028", "\ud83d\ude00", "9\u0336", "\u202e9"],
    *["9" * length for length in (10, 18, 19, 20, 100, 10_000)],
    *["0" * 10_000, "0." + "0" * 10_000 + "1", "1." + "1" * 10_000],
    *[0, 1, -1, 9, 0.1, 0.28, -0.28, 1e16, 1e308, -1e308, 1e-308, 10**400],
    *[True, False, [], ["9"], [9], {}, {"amount": "9"}, [[]], {"": ""}],
]

_TAGS = ["script", "img src=x onerror", "svg onload", "iframe src", "a href", "style", "b", "x-y"]
_ENDS = [
    '"',
    "'",
    "`",
    "-->",
    "]]>",
    "</title>",
    "</textarea>",
    "*/",
    "\\",
    "&quot;",
    "%22",
    "\x00",
]

#: What is stored as it is, shown escaped, or refused: short enough for a tag.
TEXTS: list[str] = [
    *[chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))],
    *[
        chr(code)
        for code in (*range(0x2000, 0x2070), *range(0xFDD0, 0xFDF0), *range(0xFFF0, 0x10000))
    ],
    *[chr(plane << 16 | 0xFFFE) for plane in range(17)],
    *[chr(code) for code in range(0x300, 0x370)],
    *[f"{end}><{tag}=alert(1)>" for tag in _TAGS for end in _ENDS],
    *[
        "{{ 7*7 }}",
        "{% debug %}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{0}",
        "%s%n",
        "%(a)s",
        "\\N{DIGIT",
    ],
    *[
        "'; DROP TABLE x; --",
        "' OR '1'='1",
        "1; SELECT pg_sleep(9)",
        "%",
        "_",
        "\\",
        "\\x00",
        "E'\\'",
    ],
    *[
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "=cmd|' /C calc'!A0",
        "\t=1",
        "\r=1",
        "|",
        '"',
        '""',
        ",",
        ";",
    ],
    *["null", "undefined", "None", "true", "0", "NaN", "[]", "{}", '{"a":1}', "../../etc/passwd"],
    *[
        "javascript:alert(1)",
        "data:text/html,x",
        "http://127.0.0.1",
        "\r\nSet-Cookie: a=b",
        "${jndi:x}",
    ],
    *[
        "مرحبا",
        "שלום",
        "日本語",
        "한국어",
        "ไทย",
        "हिन्दी",
        "Ελληνικά",
        "Zażółć",
        "İı",
        "ß",
        "ŉ",
        "ﷺ",
        "𝕳𝖎",
    ],
    *["👨‍👩‍👧‍👦", "🏴‍☠️", "🇺🇳", "e\u0301", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤", "\u202eabc", "a\u200db", "\ufeffx", "ﬁ", "Å"],
]

#: 1 to 255 visible ASCII characters.
VISIBLE = [chr(code) for code in range(0x21, 0x7F)]
GOOD_KEYS = [
    *VISIBLE,
    *["x" * length for length in (2, 36, 64, 254, 255)],
    *[
        "".join(VISIBLE),
        "order-1",
        "7f4c2f0e-9a8d-4b7f-9c1d-2e3f4a5b6c7d",
        "a/b?c=d&e#f",
        "../../x",
    ],
    *[
        "'OR'1'='1",
        "<script>",
        "{{7*7}}",
        "${x}",
        "%00",
        "\\",
        '"quoted"',
        "null",
        "0",
        "-1",
        "a,b;c",
    ],
]
BAD_KEYS = [
    "",
    *["x" * length for length in (256, 257, 300, 1_000, 10_000)],
    *[f"a{chr(code)}b" for code in (*range(0x21), 0x7F)],
    *[f"{chr(code)}a" for code in (*range(0x21), 0x7F)],
    *[f"a{chr(code)}" for code in (*range(0x21), 0x7F)],
    *[chr(code) for code in range(0x80, 0x100)],
    *["日本", "schön", "\u2028", "🎬", "a\u200b", "ａ", "\ufeff", "e\u0301", "\u202e", "😀" * 300],
]

_PARTS = [
    "..",
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "/etc/passwd",
    "C:\\x.png",
    "\\\\host\\x",
    "~",
]
_PARTS += [
    "a\x00b",
    "a\r\nX-Evil: 1",
    "a\nb",
    'a"b',
    "a'b",
    "a;b",
    "a%0d%0ab",
    "%2e%2e%2f",
    "a\\",
    ".",
]
_PARTS += [
    "CON",
    "NUL",
    "COM1",
    "aux",
    ".htaccess",
    "a.php",
    "a.png.exe",
    "a.svg",
    "$(id)",
    "`id`",
    "|id",
]
_PARTS += [
    "x" * 255,
    "x" * 300,
    "x" * 5_000,
    "",
    " ",
    "日本",
    "é",
    "e\u0301",
    "\u202egnp.exe",
    "🎬",
    "\ufeff",
]
_PARTS += [
    "<img src=x>",
    "{{7*7}}",
    "%s",
    "=1+1",
    "a/b",
    "a:b",
    "a*b?",
    "a\tb",
    "a\x7fb",
    "a\x85b",
    "ß",
]
FILE_NAMES = [
    f"{part}{end}" for part in _PARTS for end in ("", ".png", ".PNG ", ".", ".jpg/", "::$DATA")
]
