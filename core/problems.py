"""Every failure a caller can be told: one class is one RFC 9457 problem type.

A problem says what is wrong (`detail`) and what to do (`todo`). `docs/problems.md` is generated from this file.
Problems of single ops in a batch are not here: they are result codes of the sync protocol (`sync/push.py`).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

TYPE_ROOT = "urn:ruhu:problem:"


class ConfigurationError(Exception):
    """The process cannot start as it is set up; the message says what to set or install."""


class BackupError(ConfigurationError):
    """A backup cannot be made, read or restored; the message says why, and what to do."""


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """A failure that is told to the caller as `application/problem+json`.

    Attributes:
        slug: stable end of the type URN.
        title: the same for every occurrence.
        status: HTTP status.
        todo: what the caller should do.
        retryable: whether the same request may succeed later.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    status: ClassVar[int]
    todo: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", **members: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.members = members
        self.headers: dict[str, str] = {}

    def to_json(self) -> dict[str, Any]:
        """Return the problem document (RFC 9457 §3), with `todo`, `retryable` and extension members."""
        document: dict[str, Any] = {
            "type": TYPE_ROOT + self.slug,
            "title": self.title,
            "status": self.status,
            "retryable": self.retryable,
            "todo": self.todo,
        }
        if self.detail:
            document["detail"] = self.detail
        return document | self.members


class MalformedRequest(Problem):
    """The body cannot be read."""

    slug = "malformed-request"
    title = "The body cannot be read"
    status = 400
    todo = "Send UTF-8 JSON (RFC 8259) without NaN or Infinity."


class DigestMismatch(Problem):
    """The body does not match its Content-Digest."""

    slug = "digest-mismatch"
    title = "The body does not match its Content-Digest"
    status = 400
    todo = "Send the same request again; the body was changed on the way."
    retryable = True


class BadEncoding(Problem):
    """The compressed body is broken."""

    slug = "bad-encoding"
    title = "The compressed body is broken"
    status = 400
    todo = "Send the whole gzip stream again, with nothing after its end."
    retryable = True


class BadUpload(Problem):
    """The headers of the upload cannot be read."""

    slug = "bad-upload"
    title = "The headers of the upload cannot be read"
    status = 400
    todo = "Correct the headers that `errors` names and send the chunk again; nothing was stored."


class BadCursor(Problem):
    """The cursor was not made by this server."""

    slug = "bad-cursor"
    title = "The cursor was not made by this server"
    status = 400
    todo = "Send the cursor of the last answer unchanged, or null to begin anew."


class NotAuthenticated(Problem):
    """No valid token."""

    slug = "not-authenticated"
    title = "No valid token"
    status = 401
    todo = "Sign in (POST /api/v1/sessions) or enrol the device again; nothing on the phone is lost."


class BadCredentials(Problem):
    """Login or password is wrong."""

    slug = "bad-credentials"
    title = "Login or password is wrong"
    status = 401
    todo = "Check both and try again, or ask an administrator for a new password."


class SecondFactorRequired(Problem):
    """The password is right; a code of the second factor is asked for."""

    slug = "second-factor-required"
    title = "The password is right; a code of the second factor is asked for"
    status = 401
    todo = "Sign in again with `code`: six digits from the authenticator, or a recovery code."


class BadEnrolmentCode(Problem):
    """The enrolment code is wrong, used or older than ten minutes."""

    slug = "bad-enrolment-code"
    title = "The enrolment code is wrong, used or older than ten minutes"
    status = 401
    todo = "Ask the coordinator for a new code."


class NotAllowed(Problem):
    """Your role may not do this."""

    slug = "not-allowed"
    title = "Your role may not do this"
    status = 403
    todo = "Ask a colleague whose role may, or an administrator to change yours."


class PasswordChangeRequired(Problem):
    """The password was made by somebody else and must be changed first."""

    slug = "password-change-required"
    title = "The password was made by somebody else and must be changed first"
    status = 403
    todo = "Change it (PUT /api/v1/sessions/current/password), then go on."


class CrossSite(Problem):
    """A request with a cookie does not show that it comes from our own pages."""

    slug = "cross-site"
    title = "A request with a cookie does not show that it comes from our own pages"
    status = 403
    todo = "Send `csrf` of GET /api/v1/sessions/current in the header X-CSRF-Token."


class DeviceRevoked(Problem):
    """This device was revoked."""

    slug = "device-revoked"
    title = "This device was revoked"
    status = 403
    todo = "Hand the device to the coordinator."


class ForeignOrigin(Problem):
    """The request comes from a page of another site."""

    slug = "foreign-origin"
    title = "The request comes from a page of another site"
    status = 403
    todo = "Open the page at this server's own address; behind a proxy, let it pass the Host header on."


class NotFound(Problem):
    """There is no such thing here."""

    slug = "not-found"
    title = "There is no such thing here"
    status = 404
    todo = "Check the address; what lies outside your region is not shown."


class MethodNotAllowed(Problem):
    """This address does not take that method."""

    slug = "method-not-allowed"
    title = "This address does not take that method"
    status = 405
    todo = "See the Allow header, or the OpenAPI document at /api/v1/openapi.json."


class NotAcceptable(Problem):
    """Not in that representation."""

    slug = "not-acceptable"
    title = "Not in that representation"
    status = 406
    todo = "Ask for what the address gives; the OpenAPI document at /api/v1/openapi.json tells."


class Incomplete(Problem):
    """The body did not come whole, or too slowly."""

    slug = "incomplete"
    title = "The body did not come whole, or too slowly"
    status = 408
    todo = "Send it again when the connection is better, with fewer ops in one request."
    retryable = True


class Conflict(Problem):
    """It exists already, with other content."""

    slug = "conflict"
    title = "It exists already, with other content"
    status = 409
    todo = "Read what is there, then decide which of the two is right."


class BadTransition(Problem):
    """The finding cannot go from its state to that one."""

    slug = "bad-transition"
    title = "The finding cannot go from its state to that one"
    status = 409
    todo = "Read the finding again; `allowed` lists what can be done now."


class OffsetMismatch(Problem):
    """The upload stands at another offset."""

    slug = "offset-mismatch"
    title = "The upload stands at another offset"
    status = 409
    todo = "Go on from the offset in the Upload-Offset header."
    retryable = True


class RenditionPending(Problem):
    """The photo is here; its view is still being made."""

    slug = "rendition-pending"
    title = "The photo is here; its view is still being made"
    status = 409
    todo = "Ask again after Retry-After seconds."
    retryable = True


class NoRendition(Problem):
    """No view can be made of this photo."""

    slug = "no-rendition"
    title = "No view can be made of this photo"
    status = 409
    todo = "`reason` says why. The original is kept: its sender and an administrator can download it."


class PreconditionFailed(Problem):
    """Someone changed it since you read it."""

    slug = "precondition-failed"
    title = "Someone changed it since you read it"
    status = 412
    todo = "Read it again and repeat your change on the new state."


class TooLarge(Problem):
    """The body is too large."""

    slug = "too-large"
    title = "The body is too large"
    status = 413
    todo = "Send less in one request, or a smaller photo; `limit` says how much is taken."


class UnsupportedMediaType(Problem):
    """The body is of a type this address does not take."""

    slug = "unsupported-media-type"
    title = "The body is of a type this address does not take"
    status = 415
    todo = "Send application/json, Content-Encoding may be gzip; a photo as application/partial-upload, uncompressed."


class RangeNotSatisfiable(Problem):
    """There are no such bytes."""

    slug = "range-not-satisfiable"
    title = "There are no such bytes"
    status = 416
    todo = "Ask for the whole, without Range."


class Unprocessable(Problem):
    """The body is JSON, but not what this address takes."""

    slug = "unprocessable"
    title = "The body is JSON, but not what this address takes"
    status = 422
    todo = "Correct the members that `errors` names."


class BlobMismatch(Problem):
    """What was uploaded is not the photo of that name."""

    slug = "blob-mismatch"
    title = "What was uploaded is not the photo of that name"
    status = 422
    todo = "Send it again from offset 0; all that was there of it has been thrown away."
    retryable = True


class NotPublishable(Problem):
    """The form definition has problems."""

    slug = "not-publishable"
    title = "The form definition has problems"
    status = 422
    todo = "Correct each of `problems` and publish again; nothing was stored."


class PreconditionRequired(Problem):
    """An edit needs If-Match."""

    slug = "precondition-required"
    title = "An edit needs If-Match"
    status = 428
    todo = "Read the resource, then send its ETag in If-Match."


class TooManyUploads(Problem):
    """Too many photos are half uploaded."""

    slug = "too-many-uploads"
    title = "Too many photos are half uploaded"
    status = 429
    todo = "Finish those you have begun, or try again after Retry-After seconds; keep the photo."
    retryable = True


class TooManyRequests(Problem):
    """Too many requests in too short a time."""

    slug = "too-many-requests"
    title = "Too many requests in too short a time"
    status = 429
    todo = "Send it again after Retry-After seconds; nothing was done."
    retryable = True


class TooManyAttempts(Problem):
    """Too many attempts failed; the next one must wait."""

    slug = "too-many-attempts"
    title = "Too many attempts failed; the next one must wait"
    status = 429
    todo = "Wait as long as Retry-After says; who forgot a password asks an administrator for a new one."
    retryable = True


class InternalError(Problem):
    """Something failed inside."""

    slug = "internal-error"
    title = "Something failed inside"
    status = 500
    todo = "Send it again later; if it stays, tell the operator the `incident` number."
    retryable = True


class Unavailable(Problem):
    """The database cannot answer just now."""

    slug = "unavailable"
    title = "The database cannot answer just now"
    status = 503
    todo = "Send it again after Retry-After seconds; nothing was half done."
    retryable = True


def all_problems() -> tuple[type[Problem], ...]:
    """Return every problem type in the order of this file, for documents and tests."""
    return tuple(Problem.__subclasses__())


def errors_of(messages: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Flatten nested validation messages into `[{"at": "/a/b", "message": …}]`."""
    flat: list[dict[str, Any]] = []

    def walk(node: Any, path: str) -> None:
        if isinstance(node, Mapping):
            for key, child in node.items():
                walk(child, f"{path}/{key}")
        elif isinstance(node, list):
            flat.extend({"at": path or "/", "message": str(text)} for text in node)
        else:
            flat.append({"at": path or "/", "message": str(node)})

    walk(messages, "")
    return flat
