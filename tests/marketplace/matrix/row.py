"""One row of the matrix: a route, who may use it, and how to ask for something fresh behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from catalog.models import Role
from catalog.web.access import Gate, Rule
from tests.marketplace.matrix.world import World


class Who(StrEnum):
    """Who may: everybody, whoever is signed in, whoever the thing belongs to, staff, or a role in its business."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    MINE = "mine"
    STAFF = "staff"
    VIEWER = "viewer"
    AGENT = "agent"
    MANAGER = "manager"
    OWNER = "owner"

    @property
    def role(self) -> Role | None:
        """The weakest role that suffices, where it is a matter of roles."""
        return Role(self.value) if self.value in set(Role) else None


@dataclass(frozen=True)
class Ask:
    """What to send: arguments of the URL, a form or JSON."""

    args: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None

    def for_nothing(self) -> "Ask":
        """The same with every code replaced by one that nothing has."""
        return Ask(_nowhere(self.args), _nowhere(self.form), _nowhere(self.json))

    @property
    def codes(self) -> list[str]:
        """The codes in it, which an answer may repeat."""
        found: list[str] = []
        for part in (self.args, self.form, self.json):
            found += [str(value) for value in part.values() if _is_code(value)] if isinstance(part, Mapping) else []
        return found


def _is_code(value: Any) -> bool:
    try:
        return bool(UUID(str(value)))
    except ValueError:
        return False


def _nowhere(part: Any) -> Any:
    if not isinstance(part, Mapping):
        return part
    return {key: str(uuid4()) if _is_code(value) else value for key, value in part.items()}


# Makes something fresh and says how to ask for it. The owner is a business where ``who`` is a role, the user the thing
# belongs to for MINE, and else whoever asks (None for the anonymous).
Thing = Callable[[World, Any], Ask]


def nothing(_world: World, _owner: Any) -> Ask:
    """A route without anything behind it."""
    return Ask()


@dataclass(frozen=True)
class Row:
    """``ok`` is the status for those who may; ``odd`` names roles that get another one, and why that is right is told
    by the test of that rule. ``by_token`` routes are asked with a personal token instead of a cookie."""

    endpoint: str
    method: str
    who: Who
    ok: int = 200
    thing: Thing = nothing
    odd: Mapping[str, int] = field(default_factory=dict)
    by_token: bool = False

    @property
    def name(self) -> str:
        """For test ids."""
        return f"{self.method} {self.endpoint}"

    def agrees(self, rule: Rule) -> bool:
        """Whether the route's own rule says the same."""
        if self.by_token:
            return rule.gate is Gate.TOKEN and rule.role is self.who.role
        gates = {Who.PUBLIC: (Gate.PUBLIC, Gate.SIGNATURE), Who.STAFF: (Gate.STAFF,)}
        gates |= dict.fromkeys((Who.SIGNED_IN, Who.MINE), (Gate.SIGNED_IN,))
        return rule.gate in gates.get(self.who, (Gate.MEMBER,)) and rule.role is self.who.role
