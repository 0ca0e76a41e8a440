"""A layer function answers one field for all its parents at once, so that N+1 cannot be written."""

import inspect
from asyncio import shield
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, Protocol, TypeVar, cast
from weakref import ref

import strawberry
from aiodataloader import DataLoader

from execution.internals import StrawberryField
from execution.turns import Turn

METADATA_KEY: Final = "layer"

T = TypeVar("T")


class LayerContext(Protocol):
    """What executors need of a request's context: for the stock one, a place for the loaders of its layers.

    A context may have two attributes more, by which whole rows are remembered (see `SnapshotContext`).
    """

    layer_loaders: dict[object, DataLoader[Any, Any]]


class SnapshotContext(LayerContext, Protocol):
    """The context of a request that reads one frozen world.

    `snapshot` is that world: what pure layer functions answer depends on it. It is told apart by identity, and can be
    referred to weakly; None when there is none, and nothing may be remembered. `impurities` counts what came from
    somewhere else: who reads such a thing for a layer function counts it up before the function returns. `turn` is set
    by the executor: a layer function that takes long ends it when it `is_over`.
    """

    snapshot: object | None
    impurities: int
    turn: Turn | None


Answers = Sequence[Any] | Awaitable[Sequence[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class LayerFunction:
    """`function(parents, context, **arguments)` returns one answer a parent, in order.

    The answers come as a sequence, or as an awaitable of one. An answer that is an exception fails that parent alone;
    an exception inside an answer that is a list fails that item alone; one that is raised fails every parent. Lists are
    lists or tuples, and nothing in them is awaitable.

    Parents are distinct objects. Where they are many they come in several calls, one after the other. Arguments are the
    field's, by Python name, already coerced to Python values. A function changes neither of them, since others are
    given the same objects.

    Records are plain objects, whose leaves are read as attributes, and whose class decides of which object type they
    are. They are told apart by identity: a record that several answers share, or several requests, is read once. A
    frozen `msgspec.Struct` is a value: what its attributes hold never changes, as it is remembered from one request to
    the next. A structure that is made for one request says `eq=False`.

    A function that `is_pure` promises: its answer for a parent depends on nothing but the parent, the arguments and the
    context's snapshot, unless the context has counted `impurities` meanwhile. The executor then remembers the JSON
    of what it led to as long as the snapshot lives, and does not call it again.
    """

    function: Callable[..., Answers]
    is_pure: bool

    def __call__(self, parents: Sequence[Any], context: Any, **arguments: Any) -> Answers:
        """Call the function."""
        return self.function(parents, context, **arguments)

    @property
    def name(self) -> str:
        """What to call it in an error."""
        return str(getattr(self.function, "__qualname__", self.function))


def layer(function: Callable[..., Answers], *, pure: bool = False, **options: Any) -> Callable[[Callable[..., T]], T]:
    """Turn a method's signature and docstring into a Strawberry field that `function` answers (see `LayerFunction`).

    `pure` is the function's promise. `options` are what `strawberry.field` takes beside: `name`, `deprecation_reason`,
    `directives` …

    The layered executor finds the function in the field's metadata and calls it with the whole layer. The stock
    executor resolves parents one by one, so there an aiodataloader, keyed by the parent, gathers them into the same one
    call.
    """

    def field_of(declaration: Callable[..., T]) -> T:
        @wraps(declaration)
        async def resolve(parent: Any, info: Any, **arguments: Any) -> Any:
            # Others wait for the same answer, which the stock executor must not cancel with this field.
            return await shield(_loader(info.context, function, arguments).load((parent,)))

        parent, *arguments = inspect.signature(declaration).parameters.values()
        info = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info)
        vars(resolve)["__signature__"] = inspect.signature(declaration).replace(parameters=[parent, info, *arguments])
        resolve.__annotations__ = {**declaration.__annotations__, "info": strawberry.Info}
        field = strawberry.field(
            resolver=resolve,
            description=inspect.getdoc(declaration),
            metadata={METADATA_KEY: LayerFunction(function, pure)},
            **options,
        )
        return cast(T, field)

    return field_of


def layer_of(field: StrawberryField) -> LayerFunction | None:
    """Return the layer function that a Strawberry field carries, if it carries one."""
    return cast("LayerFunction | None", field.metadata.get(METADATA_KEY))


def _loader(context: LayerContext, function: Callable[..., Answers], arguments: dict[str, Any]) -> DataLoader[Any, Any]:
    key = (function, repr(sorted(arguments.items())))
    if key not in context.layer_loaders:
        # The context holds its loaders: were it held by them, it would wait for a collection.
        weak = ref(context)

        async def batch(keys: list[tuple[Any]]) -> list[Any]:
            # Keys are tuples since aiodataloader takes no None, which the parent of a root field is.
            answers = function([parent for (parent,) in keys], weak(), **arguments)
            return list(await answers if inspect.isawaitable(answers) else answers)

        context.layer_loaders[key] = DataLoader(batch_load_fn=batch)
    return context.layer_loaders[key]
