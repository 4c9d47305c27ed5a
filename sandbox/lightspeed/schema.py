"""What a resource of the API is, and what may be loaded with it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Relation:
    """What ``load_relations`` may ask for.

    Attributes:
        many: To-many costs twice as much as to-one.
        resource: Resource of the related rows; empty for what is kept inside the row itself.
        key: To-one: the row's foreign key. To-many: the related rows' foreign key.
    """

    many: bool
    resource: str = ""
    key: str = ""


@dataclass(frozen=True)
class Resource:
    """One resource of the API.

    Attributes:
        key: Field of its primary key.
        sorts: Other fields that may be sorted by.
        relations: What may be loaded with it.
        deeper: What may be loaded with a relation, as ``A.B``.
        folder: Path before its name; most have none.
        element: What an answer calls its rows, where that is not its name.
        hides: A flag whose rows come only when it is asked for.
        nested_only: Fields that are said only where the row is nested in another.
        scopes: Any of these opens it, as its page says; none says that any token does.
        reads: Read-only scopes that may open it too (docs/vendors/lightspeed-r-series.md, scopes).
    """

    key: str
    sorts: tuple[str, ...] = ()
    relations: dict[str, Relation] = field(default_factory=dict)
    deeper: tuple[str, ...] = ()
    folder: str = ""
    element: str = ""
    hides: str = ""
    nested_only: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Every relation that its page names."""
        return (*self.relations, *self.deeper)


def one(resource: str, key: str) -> Relation:
    """The row that a foreign key names."""
    return Relation(many=False, resource=resource, key=key)


def many(resource: str, key: str) -> Relation:
    """The rows whose foreign key names this one."""
    return Relation(many=True, resource=resource, key=key)


INSIDE = Relation(many=False)
INSIDE_MANY = Relation(many=True)
REGISTER = ("cfd", "register")
ANYBODY = (*REGISTER, "inventory_base", "reports", "workbench", "customers", "admin")
READERS = ("register_read", "customers_read", "inventory_read")
