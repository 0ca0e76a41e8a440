"""How we ask: the REST API's client, the records that it gives, what can go wrong."""

from upstream.client import Client
from upstream.errors import BadInputError, CatalogueError, UpstreamError
from upstream.records import Category, Grid, Package, Participant, R, Record, SearchHit

__all__ = [
    "BadInputError",
    "CatalogueError",
    "Category",
    "Client",
    "Grid",
    "Package",
    "Participant",
    "R",
    "Record",
    "SearchHit",
    "UpstreamError",
]
