"""aiodataloader context, keys in and records out: one bundle a request."""

from loaders.context import Loaded, RequestContext, gathered

__all__ = ["Loaded", "RequestContext", "gathered"]
