"""What HTTP adds: the GraphQL door, persisted documents, caching, compression, health."""

from web.settings import Settings

__all__ = ["Settings"]
