"""Makes `models/han.json`: written (traditional) Han characters and their simple forms.

Derived character by character from OpenCC (Apache-2.0).
"""

from __future__ import annotations

import json

import opencc

from manyi.text.store import MODELS


def main() -> None:
    """Write the table; the same OpenCC gives the same bytes."""
    convert = opencc.OpenCC("t2s").convert
    pairs = [
        (chr(c), convert(chr(c)))
        for c in range(0x3400, 0xA000)
        if convert(chr(c)) != chr(c)
        and len(convert(chr(c))) == 1
        and ord(convert(chr(c))) < 0x10000
    ]
    table = {"written": "".join(a for a, _ in pairs), "simple": "".join(b for _, b in pairs)}
    text = json.dumps(table, ensure_ascii=False, indent=0)
    (MODELS / "han.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
