"""Logs: one readable line per event on a terminal, one JSON object per event elsewhere.

Messages are ours and carry ids, never what a reader typed; control characters are escaped all the same, so
that nothing can forge a line. The text of a foreign exception is never written, only its class and place.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
import traceback
from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
# What also ends a line for some readers, and what turns the rest of it round.
_ESCAPES |= {
    code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def _clean(text: str) -> str:
    return text.translate(_ESCAPES)


def _place(record: logging.LogRecord) -> str | None:
    """Where an exception happened, without its text: that may quote what a reader typed."""
    if not record.exc_info or record.exc_info[0] is None:
        return None
    frames = traceback.extract_tb(record.exc_info[2])
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-5:]))
    return f"{record.exc_info[0].__name__} at {where}"


class JsonLines(logging.Formatter):
    """For machines: ``{"time", "level", "logger", "message", "process", "request_id", "error"}``."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        document = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": self._process,
            "message": _clean(record.getMessage()),
        }
        if (current := request_id.get()) is not None:
            document["request_id"] = current
        if (error := _place(record)) is not None:
            document["error"] = error
        return json.dumps(document, ensure_ascii=False)


class Readable(logging.Formatter):
    """For people: time, process, message."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        parts = [time.strftime("%H:%M:%S", time.localtime(record.created)), f"{self._process:<6}"]
        if record.levelno >= logging.WARNING:
            parts.append(record.levelname.lower() + ":")
        parts.append(_clean(record.getMessage()))
        if (error := _place(record)) is not None:
            parts.append(f"({error})")
        return " ".join(parts)


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    """A thread that dies of an error is one event, too: Python would write a page, with the error's text."""
    name = ended.thread.name if ended.thread else "unknown"
    told = (ended.exc_type, ended.exc_value, ended.exc_traceback) if ended.exc_value else None
    logging.getLogger("greenroom").warning("a thread ended early: %s", name, exc_info=told)


def set_up_logging(form: str, process: str) -> None:
    """Send all logs to stderr. ``form`` is text, json or auto (text on a terminal)."""
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(Readable(process) if as_text else JsonLines(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("greenroom").setLevel(logging.INFO)
    threading.excepthook = _thread_ended
    for name in ("rq.worker", "rq.job", "rq.queue"):
        # RQ would add a handler of its own, with job arguments and the text of exceptions.
        foreign = logging.getLogger(name)
        foreign.handlers[:] = [logging.NullHandler()]
        foreign.propagate = False
