"""The upstream's REST API, and the catalogue read through it."""

from upstream.catalogue import Catalogue
from upstream.client import Client
from upstream.faults import BadInputError, CatalogueError, UpstreamError
from upstream.records import Category, Grid, Package, Participant, R, Record, SearchHit

__all__ = [
    "BadInputError",
    "Catalogue",
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
