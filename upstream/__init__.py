"""How we ask: the REST API's client, the records that it gives, what can go wrong."""

from upstream.client import Client
from upstream.deadline import Deadline
from upstream.decoding import Page
from upstream.errors import BadInputError, CatalogueError, UpstreamError
from upstream.kinds import KINDS, Kind
from upstream.records import Category, Grid, Package, Participant, R, Record, SearchHit

__all__ = [
    "KINDS",
    "BadInputError",
    "CatalogueError",
    "Category",
    "Client",
    "Deadline",
    "Grid",
    "Kind",
    "Package",
    "Page",
    "Participant",
    "R",
    "Record",
    "SearchHit",
    "UpstreamError",
]
