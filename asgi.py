"""The application for servers that look it up in a module's names, as Hypercorn does: `hypercorn asgi:app`."""

from server import app

__all__ = ["app"]
