"""A small OpenAI-compatible server, run as a process: the model's name says how it behaves.

It writes every request it gets into a file, a JSON line each.
"""

from __future__ import annotations

import json
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORDS = {"排队": "service.queue", "态度": "service.attitude", "queue": "service.queue"}
GOOD = ("好", "great", "nice")
TEXT = re.compile(r"<<(\w+) (\d+)>>\n(.*?)\n<</\1 \2>>", re.S)


def texts(body: dict[str, Any]) -> list[str]:
    return [found[2] for found in TEXT.findall(body["messages"][1]["content"])]


def label(text: str) -> dict[str, Any]:
    findings = [
        {"aspect": code, "polarity": "positive" if code.endswith("ude") else "negative", "quote": w}
        for w, code in WORDS.items()
        if w in text
    ]
    good = any(word in text for word in GOOD) and "排队" not in text
    return {
        "polarity": "positive" if good else "negative",
        "intents": ["praise"] if good else ["complaint"],
        "findings": findings,
    }


def obey(said: list[str]) -> dict[str, Any]:
    """A gullible model does whatever any text demands."""
    demanded = any("everything is great" in text for text in said)
    if not demanded:
        return label(said[0])
    quote = said[0][:4]
    finding = {"aspect": "service.queue", "polarity": "positive", "quote": quote}
    return {"polarity": "positive", "intents": ["praise"], "findings": [finding]}


def invented(said: list[str]) -> dict[str, Any]:
    return {
        "polarity": "negative",
        "intents": ["complaint", "dance"],
        "findings": [
            {"aspect": "service.queue", "polarity": "negative", "quote": "never said"},
            {"aspect": "no.such", "polarity": "negative", "quote": said[0][:2]},
            {"aspect": "service.queue", "polarity": "furious", "quote": said[0][:2]},
            {"aspect": "service.attitude", "polarity": "negative", "quote": said[0][:2]},
        ],
    }


def summed(said: list[str]) -> dict[str, Any]:
    return {
        "sentences": [
            {"text": "客户抱怨排队太久[1]。", "cites": [1]},
            {"text": "有 87% 的客户不满意。", "cites": [1, 2]},
            {"text": "大多数客户抱怨排队。", "cites": [1]},
            {"text": "等了45分钟才轮到。", "cites": [2]},
            {"text": "没有出处的一句。", "cites": []},
            {"text": "引用了不存在的文字。", "cites": [999]},
            {"text": "<script>alert(1)</script>", "cites": [1]},
            {"text": "服务员态度受到称赞。", "cites": [2, 3]},
        ]
    }


FINDING = '{"aspect": "service.queue", "polarity": "negative", "quote": "%s"}'
ANSWER = '{"polarity": "%s", "intents": %s, "findings": [%s]}'
# What a model may write instead of what it was asked for.
SHAPES: dict[str, str | None] = {
    "list": "[1, 2]",
    "nothing": "",
    "declines": None,
    "nested": "[" * 20_000,
    "nested_object": '{"a":' * 5_000 + "1" + "}" * 5_000,
    "cut": (ANSWER % ("negative", "[]", FINDING % "排队"))[:-12],
    "strange_polarity": ANSWER % ("sehr gut", "[]", FINDING % "排队"),
    "numbers": '{"polarity": 1, "intents": [], "findings": []}',
    "nan": '{"polarity": NaN, "intents": [], "findings": []}',
    "long_number": '{"polarity": ' + "9" * 10_000 + "}",
    "object": '{"polarity": "negative", "intents": {}, "findings": {"0": 1}}',
    "beyond": ANSWER % ("negative", "[]", FINDING % ("排队" * 200)),
    "halves": ANSWER % ("negative", '["\\ud83d"]', FINDING % "\\ud83d"),
    "too_many": ANSWER % ("negative", "[]", ",".join([FINDING % "没说过"] * 2_000)),
}
CROWD = ANSWER % ("negative", "[]", ",".join([FINDING % "排队"] * 10_000))


def content(body: dict[str, Any]) -> str | None:
    model, said = body["model"], texts(body)
    if model == "far_too_many":
        return CROWD
    if model in SHAPES:
        return SHAPES[model]
    told = body["messages"][0]["content"]
    if "sentences" in told:
        return json.dumps(summed(said), ensure_ascii=False)
    if "name a theme" in told:
        named = {"good": {"zh": "机器狗乱跑", "en": "Robot dog on the loose"}}
        return json.dumps(named.get(model, {"zh": "买这个 123", "en": "<b>x</b>"}))
    made = {"gullible": obey, "invents": invented}.get(model, lambda s: label(s[0]))(said)
    text = json.dumps(made, ensure_ascii=False)
    return {"prose": "Sure! It is negative.", "fenced": f"```json\n{text}\n```"}.get(model, text)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    _model = ""

    def log_message(self, *args: Any) -> None: ...

    def do_GET(self) -> None:
        self._answer(200, json.dumps({"data": [{"id": "good"}, {"id": "plain"}]}).encode())

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(raw)
        with open(sys.argv[1], "a", encoding="utf-8") as file:  # noqa: PTH123
            line = {"path": self.path, "auth": self.headers.get("Authorization"), "body": body}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._play(body)

    def _play(self, body: dict[str, Any]) -> None:
        model = self._model = body["model"]
        status = {"busy": 429, "broken": 500, "keyless": 401, "moved": 302}.get(model, 200)
        if model in ("busy_now", "busy_silent"):
            status = 429
        if model == "picky" and "禁" in body["messages"][1]["content"]:
            status = 400
        if model == "plain" and "response_format" in body:
            status = 400
        if model == "slow":
            time.sleep(30)
        if model in ("drips", "drips_last"):
            self._drip(is_last=model == "drips_last")
            return
        if model in ("drops", "endless"):
            self._break_off(is_endless=model == "endless")
            return
        if status != 200:
            self._answer(status, b"{}")
        elif model == "html":
            self._answer(200, b"<html>hello</html>")
        elif model == "huge":
            self._answer(200, b'{"choices": "' + b"x" * 2_000_000 + b'"}')
        else:
            message = {"message": {"role": "assistant", "content": content(body)}}
            told = {"choices": [message], "usage": {"total_tokens": 321}}
            self._answer(200, json.dumps(told).encode())

    def _break_off(self, *, is_endless: bool) -> None:
        """Send half an answer and go, or more than anybody can read."""
        self.send_response(200)
        self.send_header("Content-Length", str(400_000_000))
        self.end_headers()
        try:
            for _ in range(400 if is_endless else 1):
                self.wfile.write(b'{"choices": [' + b" " * (1_000_000 if is_endless else 10))
        except OSError:
            pass
        self.close_connection = True

    def _drip(self, *, is_last: bool = False) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        if is_last:
            self.send_header("Connection", "close")
        self.end_headers()
        for _ in range(150):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.2)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            after = {"busy": "90", "busy_now": "0"}.get(self._model)
            if after is not None:
                self.send_header("Retry-After", after)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    # Whoever went away is not waited for when the server ends: its threads are daemons.
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()
