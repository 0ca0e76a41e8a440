"""A layer function answers one field for all its parents at once, so that N+1 cannot be written."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

import strawberry
from aiodataloader import DataLoader

from execution.internals import StrawberryField

METADATA_KEY = "layer"

T = TypeVar("T")


class LayerContext(Protocol):
    """What the stock executor needs of a request's context: a place for the loaders of its layers."""

    layer_loaders: dict[object, DataLoader[Any, Any]]


LayerFunction = Callable[..., Sequence[Any] | Awaitable[Sequence[Any]]]
"""`function(parents, context, **arguments)` returns one answer a parent, in order.

The answers come as a sequence, or as an awaitable of one. An answer that is an exception fails that parent alone; an
exception inside an answer that is a list fails that item alone; one that is raised fails every parent. Lists are lists
or tuples, and nothing in them is awaitable.

Parents are distinct: equal ones are one. Arguments are the field's, by Python name, already coerced to Python values.
A function changes neither of them, since others are given the same objects.

Records are plain objects, whose leaves are read as attributes. A frozen `msgspec.Struct` that is compared by its fields
is a value: what its attributes hold depends on nothing else, as it is remembered for equal ones from one request to the
next. A structure that is made for one request says `eq=False`.
"""


def layer(function: LayerFunction, **options: Any) -> Callable[[Callable[..., T]], T]:
    """Turn a method's signature and docstring into a Strawberry field that `function` answers.

    `options` are what `strawberry.field` takes beside: `name`, `deprecation_reason`, `directives` …

    The layered executor finds `function` in the field's metadata and calls it with the whole layer. The stock executor
    resolves parents one by one, so there an aiodataloader, keyed by the parent, gathers them into the same one call.
    """

    def field_of(declaration: Callable[..., T]) -> T:
        @wraps(declaration)
        async def resolve(parent: Any, info: Any, **arguments: Any) -> Any:
            return await _loader(info.context, function, arguments).load((parent,))

        parent, *arguments = inspect.signature(declaration).parameters.values()
        info = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info)
        vars(resolve)["__signature__"] = inspect.signature(declaration).replace(parameters=[parent, info, *arguments])
        resolve.__annotations__ = {**declaration.__annotations__, "info": strawberry.Info}
        field = strawberry.field(
            resolver=resolve,
            description=inspect.getdoc(declaration),
            metadata={METADATA_KEY: function},
            **options,
        )
        return cast(T, field)

    return field_of


def layer_of(field: StrawberryField) -> LayerFunction | None:
    """Return the layer function that a Strawberry field carries, if it carries one."""
    return cast("LayerFunction | None", field.metadata.get(METADATA_KEY))


def _loader(context: LayerContext, function: LayerFunction, arguments: dict[str, Any]) -> DataLoader[Any, Any]:
    key = (function, repr(sorted(arguments.items())))
    if key not in context.layer_loaders:

        async def batch(keys: list[tuple[Any]]) -> list[Any]:
            # Keys are tuples since aiodataloader takes no None, which the parent of a root field is.
            answers = function([parent for (parent,) in keys], context, **arguments)
            return list(await answers if inspect.isawaitable(answers) else answers)

        context.layer_loaders[key] = DataLoader(batch_load_fn=batch)
    return context.layer_loaders[key]
