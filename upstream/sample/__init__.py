"""The bundled sample catalogue, served as the REST API v4; see the README beside this file."""

from upstream.sample.app import create_sample

__all__ = ["create_sample"]
