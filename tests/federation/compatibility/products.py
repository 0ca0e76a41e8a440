"""The Products subgraph of Apollo's compatibility suite, with the gateway's layers, entities and executor."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from operator import itemgetter
from typing import Annotated, Any

import strawberry
from strawberry import ID, federation
from strawberry.federation.schema import FederationAny
from strawberry.schema_directive import Location

from execution import LayeredExecutor, layer
from resolvers.entities import Entity as EntityType
from resolvers.entities import entities_of
from schema.subgraph import Service, service


@federation.schema_directive(
    locations=[Location.OBJECT], name="custom", compose=True, import_url="https://myspecs.dev/myCustomDirective/v1.0"
)
class Custom:
    pass


@strawberry.type
class CaseStudy:
    case_number: ID
    description: str | None = None


@federation.type(keys=["study { caseNumber }"])
class ProductResearch:
    study: CaseStudy
    outcome: str | None = None


@strawberry.type
class ProductVariation:
    id: ID


@federation.type(shareable=True)
class ProductDimension:
    size: str | None = None
    weight: float | None = None
    unit: str | None = federation.field(inaccessible=True, default=None)


@federation.type(extend=True, keys=["email"])
class User:
    email: ID = federation.field(external=True)
    total_products_created: int | None = federation.field(external=True, default=None)
    years_of_employment: int = federation.field(external=True, default=0)
    name: str | None = federation.field(override="users", default="Jane Smith")
    average_products_created_per_year: int | None = federation.field(
        requires=["totalProductsCreated", "yearsOfEmployment"], default=None
    )


@federation.type(keys=["sku package"])
class DeprecatedProduct:
    sku: str
    package: str
    reason: str | None = None
    created_by: User | None = None


@federation.type(keys=["id", "sku package", "sku variation { id }"], directives=[Custom()])
class Product:
    id: ID
    sku: str | None
    package: str | None
    variation: ProductVariation | None
    dimensions: ProductDimension | None
    created_by: User | None = federation.field(provides=["totalProductsCreated"])
    notes: str | None = federation.field(tags=["internal"])
    research: list[ProductResearch]


@federation.interface_object(keys=["id"])
class Inventory:
    id: ID
    deprecated_products: list[DeprecatedProduct]


JANE = User(email=ID("support@apollographql.com"), total_products_created=1337, years_of_employment=10)
V1 = DeprecatedProduct(
    sku="apollo-federation-v1", package="@apollo/federation-v1", reason="Migrate to Federation V2", created_by=JANE
)
RESEARCH = [
    ProductResearch(study=CaseStudy(case_number=ID("1234"), description="Federation Study")),
    ProductResearch(study=CaseStudy(case_number=ID("1235"), description="Studio Study")),
]
PRODUCTS = [
    Product(
        id=ID(id),
        sku=sku,
        package=package,
        variation=ProductVariation(id=ID(variation)),
        dimensions=ProductDimension(size="small", weight=1, unit="kg"),
        created_by=JANE,
        notes=None,
        research=[research],
    )
    for id, sku, package, variation, research in (
        ("apollo-federation", "federation", "@apollo/federation", "OSS", RESEARCH[0]),
        ("apollo-studio", "studio", "", "platform", RESEARCH[1]),
    )
]
OSS = Inventory(id=ID("apollo-oss"), deprecated_products=[V1])


def indexed(key_of: Callable[[Any], Hashable], rows: Mapping[Any, object]) -> EntityType:
    """Find rows by the keys that they have."""

    async def find(keys: Sequence[Hashable], context: object) -> list[object]:
        return [rows.get(key) for key in keys]

    return EntityType(key_of, find)


def product_key(representation: dict[str, Any]) -> Hashable:
    if "id" in representation:
        return str(representation["id"])
    second = representation["package"] if "package" in representation else representation["variation"]["id"]
    return representation["sku"], second


def product_keys(product: Product) -> tuple[Hashable, ...]:
    return product.id, (product.sku, product.package), (product.sku, product.variation and product.variation.id)


async def users(keys: Sequence[tuple[ID, int | None, int | None]], context: object) -> list[User]:
    """Find users: with what the router got from their own subgraph, or with what is known here."""
    return [
        User(
            email=email,
            total_products_created=total,
            years_of_employment=years or 0,
            average_products_created_per_year=round((total or 0) / years) if years else None,
        )
        for email, total, years in keys
    ]


entities = entities_of(
    {
        "DeprecatedProduct": indexed(itemgetter("sku", "package"), {(V1.sku, V1.package): V1}),
        "Inventory": indexed(itemgetter("id"), {OSS.id: OSS}),
        "Product": indexed(product_key, {key: product for product in PRODUCTS for key in product_keys(product)}),
        "ProductResearch": indexed(
            lambda representation: representation["study"]["caseNumber"],
            {research.study.case_number: research for research in RESEARCH},
        ),
        "User": EntityType(
            lambda each: (each["email"], each.get("totalProductsCreated"), each.get("yearsOfEmployment")), users
        ),
    }
)


def product(roots: Sequence[None], context: object, id: str) -> list[Product | None]:
    found = next((each for each in PRODUCTS if each.id == id), None)
    return [found for _ in roots]


def deprecated_product(
    roots: Sequence[None], context: object, sku: str, package: str
) -> list[DeprecatedProduct | None]:
    return [V1 if (sku, package) == (V1.sku, V1.package) else None for _ in roots]


Entity = Annotated[DeprecatedProduct | Inventory | Product | ProductResearch | User, strawberry.union("_Entity")]


@strawberry.type
class Query:
    @layer(product)
    def product(self, id: ID) -> Product | None:
        raise NotImplementedError

    @layer(deprecated_product, deprecation_reason="Use product query instead")
    def deprecated_product(self, sku: str, package: str) -> DeprecatedProduct | None:
        raise NotImplementedError

    @layer(entities, name="_entities")
    def _entities(self, representations: list[FederationAny]) -> list[Entity | None]:
        raise NotImplementedError

    _service: Service = strawberry.field(name="_service", resolver=service)


SCHEMA = federation.Schema(
    query=Query, types=[Inventory, User], federation_version="2.3", execution_context_class=LayeredExecutor
)
