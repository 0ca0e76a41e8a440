"""What all answers but the endpoint's get: safe headers, a request id, compression, errors in the GraphQL shape."""

from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.compression import MINIMUM_BYTES, compress
from web.errors import error_body
from web.headers import SECURITY_HEADERS, headers_of, request_id_of
from web.negotiation import JSON, content_encoding

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class SafeHeaders:
    """Adds the security headers and the request id where they are missing; HTML gets the Content-Security-Policy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(headers_of(scope))

        async def send_safely(message: Message) -> None:
            headers = MutableHeaders(scope=message) if message["type"] == "http.response.start" else None
            if headers and "x-request-id" not in headers:
                if headers.get("content-type", "").startswith("text/html"):
                    headers["content-security-policy"] = CONTENT_SECURITY_POLICY
                message["headers"] = [*message["headers"], (b"x-request-id", request_id), *SECURITY_HEADERS]
            await send(message)

        await self._app(scope, receive, send_safely)


class Compression:
    """Compresses text that is sent in one piece; what is encoded already or streamed passes through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        coding = content_encoding(headers_of(scope).get(b"accept-encoding"))
        start: Message = {}

        async def send_compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start:
                headers = MutableHeaders(scope=start)
                if _is_text(headers) and not message.get("more_body"):
                    if "accept-encoding" not in headers.get("vary", "").lower():
                        headers.add_vary_header("Accept-Encoding")
                    if coding and len(message.get("body", b"")) >= MINIMUM_BYTES:
                        message = {**message, "body": compress(message["body"], coding)}
                        headers["content-encoding"] = coding
                        headers["content-length"] = str(len(message["body"]))
                await send(start)
                start = {}
            await send(message)

        await self._app(scope, receive, send_compressed)


class Cors(CORSMiddleware):
    """Starlette's, whose refusal of a preflight has the shape of all other errors."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer a preflight."""
        response = super().preflight_response(request_headers)
        if response.status_code == 200:
            return response
        headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        body = error_body("CORS_NOT_ALLOWED", f"{bytes(response.body).decode()}.")
        return Response(body, response.status_code, headers, JSON)


async def http_error(request: Request, error: Exception) -> Response:
    """Answer a Starlette `HTTPException`, or a bug as a 500, in the shape of a GraphQL error."""
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
    phrase = HTTPStatus(status)
    where = f" GraphQL is at {request.scope.get('app_root_path', '')}/graphql." if status in (404, 405) else ""
    body = error_body(phrase.name, f"{phrase.phrase}.{where}")
    return Response(body, status, {**(headers or {}), "cache-control": "no-store"}, "application/json; charset=utf-8")


def _is_text(headers: MutableHeaders) -> bool:
    content_type = headers.get("content-type", "")
    return "content-encoding" not in headers and content_type.startswith(("text/", "application/json"))
