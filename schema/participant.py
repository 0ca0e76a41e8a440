"""The Participant type."""

import strawberry
from strawberry import federation

import upstream
from schema.node import Node


@federation.type(
    keys=["login"],
    description="Someone who committed to a package's repository. Two are the same when their logins are.",
)
class Participant(Node):
    """A view of `upstream.Participant`."""

    login: str = strawberry.field(
        description="The name at the repository's host (GitHub, GitLab, Bitbucket, Codeberg …)."
    )
    is_bot: bool = strawberry.field(description="Whether the login ends in `[bot]`, as those of GitHub's apps do.")

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Tell a participant from the other records of an interface or a union."""
        return isinstance(value, upstream.Participant)
