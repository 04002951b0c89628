"""Logs as JSON lines on standard error: no bodies, no tokens, no names.

What an exception says may be an answer, a name or a number (a value that does not fit is named in the message), and the
variables of a frame are whatever was being worked on. So of an exception its kind and its lines are logged, and neither
its message nor any variable; that holds for what libraries log as well.
"""

import logging
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import structlog

_OF_CELERY = {"exc", "traceback"}
"""What Celery tells of a task that failed, in words."""

_plain_record = logging.getLogRecordFactory()


class _StandardError:
    """Standard error as it stands when something is written; who has put another in its place gets the line."""

    def write(self, text: str) -> int:
        """Write text."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Write out."""
        sys.stderr.flush()


def configure(level: str) -> None:
    """Set the process's log format and level; call it once, when the process starts."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _bare,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(_StandardError()),  # type: ignore[arg-type] # all that print asks for
    )
    logging.setLogRecordFactory(_bare_record)


def trace(error: BaseException) -> str:
    """Return an exception's kind and lines, and those of what it came from, without what they say."""
    return "\n".join(_steps(error))


def _steps(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _steps(before)
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"


def _bare(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the exception of a structlog event."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = trace(error)
    return event


def _bare_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """Make a record of the standard library's logging, with its exception replaced wherever it stands."""
    record = _plain_record(*args, **kwargs)
    if record.exc_info and record.exc_info[1] is not None:
        record.exc_text = trace(record.exc_info[1])  # a formatter takes it as already made
    if isinstance(record.args, tuple):
        record.args = tuple(_named(value) for value in record.args)
    elif isinstance(record.args, Mapping) and record.args.keys() >= _OF_CELERY:
        kind = type(record.exc_info[1]).__qualname__ if record.exc_info else "?"
        record.args = {**record.args, "exc": kind, "traceback": record.exc_text or ""}
    return record


def _named(value: object) -> object:
    return type(value).__qualname__ if isinstance(value, BaseException) else value
