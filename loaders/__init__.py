"""aiodataloader loaders, keys in and records out: one bundle a request."""

from loaders.bundle import Answers, Loaders

__all__ = ["Answers", "Loaders"]
