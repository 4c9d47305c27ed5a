"""Objects and their fields: what describe tells, and what every write and query is checked against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from sandbox.salesforce.flows import Flow

TEXT_TYPES = frozenset(
    {"string", "textarea", "phone", "url", "email", "picklist", "multipicklist", "combobox", "encryptedstring"}
)
NUMBER_TYPES = frozenset({"double", "currency", "percent"})


@dataclass(frozen=True)
class RollUp:
    """What a roll-up summary field sums up.

    Attributes:
        child: Object whose rows are summed up.
        parent_field: Its field that names the parent.
        operation: "count", "sum", "min" or "max".
        field: Its field that is summed up; "" for a count.
    """

    child: str
    parent_field: str
    operation: str
    field: str = ""


@dataclass(frozen=True)
class Option:
    """One entry of a picklist whose labels are not its values, or that depends on another.

    ``valid_for`` is describe's: a bit for each entry of the controlling field, in base64; None is for all of them.
    """

    label: str
    value: str
    valid_for: str | None = None


@dataclass
class Field:
    """One field, with the words of describe (docs/vendors/salesforce.md, describe). An administrator may change it.

    ``length`` counts characters of text; ``precision`` and ``scale`` count the digits of a number.
    ``type`` is describe's: string, picklist, reference, double, currency, boolean, date, datetime ...
    """

    name: str
    type: str
    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    unique: bool = False
    external_id: bool = False
    id_lookup: bool = False
    case_sensitive: bool = False
    calculated: bool = False
    defaulted: bool = False
    default: str | bool | Decimal | None = None
    refers_to: list[str] = field(default_factory=list)
    relationship: str | None = None
    picklist: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)  # of a picklist whose labels are not its values
    controller: str | None = None  # the picklist on which this one depends
    restricted: bool = False
    custom: bool = False
    master_detail: bool = False
    name_field: bool = False
    compound: str | None = None
    child_name: str | None = None  # what the parent calls its children: "Lines" in `FROM Sale__c, Sale__c.Lines__r`
    delete_constraint: str = "SetNull"  # "SetNull" | "Restrict" | "Cascade"
    number_format: str | None = None  # of an auto number: "R-{00000}"
    roll_up: RollUp | None = None

    @property
    def is_key(self) -> bool:
        """Whether upserts and nested parents may name a row by this field."""
        return self.external_id or self.id_lookup

    @property
    def required(self) -> bool:
        """Whether a create without it is refused (docs/vendors/salesforce.md, describe)."""
        return self.createable and not self.nillable and not self.defaulted and self.type != "boolean"


@dataclass(frozen=True)
class ChildRelationship:
    """One way in which rows of another object hang under rows of this one."""

    child: str
    field: str
    name: str | None
    cascade: bool
    restricted: bool


@dataclass
class SObject:
    """One object; ``fields`` is keyed by lower-case name, because the vendor ignores case there."""

    name: str
    label: str
    key_prefix: str
    fields: dict[str, Field] = field(default_factory=dict)
    custom: bool = False
    plural: str = ""
    createable: bool = True
    deletable: bool = True
    child_relationships: list[ChildRelationship] = field(default_factory=list)

    def field(self, name: str) -> Field | None:
        """The field of that name in any case; None when there is none or the API user may not see it."""
        return self.fields.get(name.lower())

    @cached_property
    def relationships(self) -> dict[str, Field]:
        """Reference fields by lower-case relationship name, for nested parents."""
        return {one.relationship.lower(): one for one in self.fields.values() if one.relationship}

    @cached_property
    def coded_addresses(self) -> dict[str, frozenset[str]]:
        """What the addresses whose state and country are picklists begin with, and the names of those four fields."""
        parts = [one.name.removesuffix("Address") for one in self.fields.values() if one.type == "address"]
        names = {
            part: [f"{part}{kind}{tail}" for kind in ("Country", "State") for tail in ("", "Code")] for part in parts
        }
        return {part: frozenset(four) for part, four in names.items() if f"{part}countrycode".lower() in self.fields}

    @cached_property
    def name_field(self) -> Field | None:
        """The field people know a row by."""
        return next((one for one in self.fields.values() if one.name_field), None)

    def with_fields(self, extra: list[Field]) -> SObject:
        """The same object with further fields; a field of the same name is replaced."""
        return replace(self, fields={**self.fields, **{one.name.lower(): one for one in extra}}, child_relationships=[])


class Schema:
    """All objects the API user may see, linked parent to child.

    Args:
        objects: In any order; a later one of the same name replaces the earlier.
        flows: What runs before a row is saved.
    """

    def __init__(self, objects: list[SObject], flows: Sequence[Flow] = ()) -> None:
        self.flows = tuple(flows)
        self.objects: dict[str, SObject] = {one.name.lower(): one for one in objects}
        self.by_prefix: dict[str, SObject] = {one.key_prefix: one for one in self.objects.values()}
        self.roll_ups: dict[str, list[tuple[SObject, Field, RollUp]]] = {}
        self._link()

    def object(self, name: str) -> SObject | None:
        """The object of that name in any case; None when there is none or the API user may not see it."""
        return self.objects.get(name.lower())

    def merged(self, custom: list[SObject], fields: dict[str, list[Field]]) -> Schema:
        """A schema with custom objects added, and custom fields put onto the objects named.

        Raises:
            KeyError: ``fields`` names an object that neither side has.
        """
        objects = {**self.objects, **{one.name.lower(): one for one in custom}}
        for name, extra in fields.items():
            if name.lower() not in objects:
                message = f"custom fields are declared for {name}, an object the sandbox does not know"
                raise KeyError(message)
            objects[name.lower()] = objects[name.lower()].with_fields(extra)
        return Schema(list(objects.values()), self.flows)

    def with_flows(self, flows: Sequence[Flow]) -> Schema:
        """The same objects, with these flows."""
        return Schema(list(self.objects.values()), flows)

    def _link(self) -> None:
        for one in self.objects.values():
            one.child_relationships = []
        for child in self.objects.values():
            for reference in child.fields.values():
                for parent in filter(None, map(self.object, reference.refers_to)):
                    parent.child_relationships.append(_child_relationship(child, reference))
                if reference.roll_up:
                    summed = self.roll_ups.setdefault(reference.roll_up.child, [])
                    summed.append((child, reference, reference.roll_up))


def _child_relationship(child: SObject, reference: Field) -> ChildRelationship:
    return ChildRelationship(
        child=child.name,
        field=reference.name,
        name=reference.child_name,
        cascade=reference.master_detail or reference.delete_constraint == "Cascade",
        restricted=reference.delete_constraint == "Restrict",
    )
