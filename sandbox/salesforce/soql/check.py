"""What a query means in this org: paths become ways through the schema, and what the org lacks is refused."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.salesforce.schema import Field, Schema, SObject
from sandbox.salesforce.soql.ast import Compare, Literal, Path, Query
from sandbox.salesforce.soql.parse import SoqlError, caret

KINDS = {
    "double": ("number",),
    "currency": ("number",),
    "percent": ("number",),
    "int": ("number",),
    "boolean": ("boolean",),
    "date": ("date", "date_literal"),
    "datetime": ("datetime", "date_literal"),
}
"""Type of a field -> kinds of literals it compares with; text for all others."""
MOST_STEPS = 5  # parents that a path may go through
LONG_TEXT = 255
SAID = {"double": "double", "currency": "double", "percent": "double", "int": "int"}
SUGGESTION = (
    " If you are attempting to use a custom field, be sure to append the '__c' after the custom field name."
    " Please reference your WSDL or the describe call for the appropriate names."
)


NAMED = ("Id", "Name", "FirstName", "LastName", "Email", "Phone", "Title", "Username", "Alias", "IsActive")
"""What a parent that may be of several objects is asked for; ``Type`` besides, which is the object's name."""
TYPE = Field("Type", "string", "Type", 80)
FUNCTIONS = {"DAY_ONLY": "date", "TOLABEL": "string"}
"""Function -> type of its result; an integer for all others."""


@dataclass(frozen=True)
class Way:
    """From a row to a value.

    Attributes:
        through: Reference fields to follow.
        field: What the value is like; of a function, what the function makes.
        source: The field at the end.
        function: What is made of its value, or "".
    """

    through: tuple[Field, ...]
    field: Field
    source: Field
    function: str = ""


@dataclass(frozen=True)
class Scope:
    """A query with the object it selects from."""

    schema: Schema
    soql: str
    sobject: SObject
    names: tuple[str, ...]
    """What the object may be called at the start of a path."""

    def way(self, path: Path) -> Way:
        """The way a path goes.

        Raises:
            SoqlError: INVALID_FIELD, with the vendor's caret.
        """
        steps = list(path.steps)
        if len(steps) > 1 and steps[0].lower() in self.names:
            steps = steps[1:]
        through, found = self._followed(path, steps)
        return self._made(path, through, found) if path.function else Way(tuple(through), found, found)

    def _followed(self, path: Path, steps: list[str]) -> tuple[list[Field], Field]:
        """The reference fields on a path, and the field at its end."""
        if len(steps) > MOST_STEPS + 1:
            text = f"A path goes through at most {MOST_STEPS} parents."
            raise SoqlError("MALFORMED_QUERY", caret(self.soql, path.column, text))
        through: list[Field] = []
        current = self.sobject
        for place, step in enumerate(steps[:-1]):
            reference = current.relationships.get(step.lower())
            parents = [one for one in map(self.schema.object, reference.refers_to) if one] if reference else []
            if reference is None or not parents:
                text = f"Didn't understand relationship '{step}' in field path."
                raise SoqlError("INVALID_FIELD", caret(self.soql, path.column, text + SUGGESTION))
            through.append(reference)
            if len(reference.refers_to) > 1 and place == len(steps) - 2:
                return through, self._named(path, parents, steps[-1])
            current = parents[0]
        return through, self._field(path, current, steps[-1])

    def _field(self, path: Path, sobject: SObject, name: str) -> Field:
        found = sobject.field(name)
        if found is None:
            text = f"No such column '{name}' on entity '{sobject.name}'."
            raise SoqlError("INVALID_FIELD", caret(self.soql, path.column, text + SUGGESTION))
        return found

    def _named(self, path: Path, parents: list[SObject], name: str) -> Field:
        """A field of a parent that may be of several objects: what their names have in common."""
        if name.lower() == "type":
            return TYPE
        allowed = name.lower() in (one.lower() for one in NAMED)
        found = next((one.field(name) for one in parents if allowed and one.field(name)), None)
        if found is None:
            text = f"No such column '{name}' on entity 'Name'."
            raise SoqlError("INVALID_FIELD", caret(self.soql, path.column, text + SUGGESTION))
        return found

    def _made(self, path: Path, through: list[Field], source: Field) -> Way:
        """The way to what a function makes of a field."""
        if path.function != "TOLABEL" and source.type not in ("date", "datetime"):
            text = f"field {source.name} does not support the function {path.function}"
            raise SoqlError("INVALID_FIELD", caret(self.soql, path.column, text))
        made = Field(source.name, FUNCTIONS.get(path.function, "int"), source.label, source.length)
        return Way(tuple(through), made, source, path.function)

    def reference(self, path: Path) -> Field:
        """The reference field that a relationship names.

        Raises:
            SoqlError: INVALID_FIELD.
        """
        found = self.sobject.relationships.get(path.steps[0].lower()) if len(path.steps) == 1 else None
        if found is None:
            text = f"Didn't understand relationship '{path}' in field path."
            raise SoqlError("INVALID_FIELD", caret(self.soql, path.column, text + SUGGESTION))
        return found

    def check_use(self, path: Path, field: Field, use: str) -> None:
        """Refuse what describe says a field cannot do: long texts are not filtered or sorted.

        Args:
            path: Where it stands.
            field: The field.
            use: "filtered", "sorted" or "grouped".

        Raises:
            SoqlError: INVALID_FIELD.
        """
        if field.type == "address" or (field.type == "textarea" and field.length > LONG_TEXT):
            text = f"field '{field.name}' can not be {use} in a query call"
            raise SoqlError("INVALID_FIELD", caret(self.soql, path.column, text))

    def check_literals(self, comparison: Compare, field: Field) -> None:
        """Refuse a literal of a kind that the field does not compare with.

        Raises:
            SoqlError: INVALID_FIELD or INVALID_OPERATOR.
        """
        if comparison.operator == "like" and (field.type in KINDS or field.type in ("id", "reference")):
            raise SoqlError("INVALID_OPERATOR", f"invalid operator on {field.type} field")
        for literal in comparison.values:
            self._check_literal(literal, field, comparison)

    def _check_literal(self, literal: Literal, field: Field, comparison: Compare) -> None:
        allowed = KINDS.get(field.type, ("string",))
        if literal.kind in allowed or literal.kind == "null":
            return
        quoted = (
            "and should not be enclosed in quotes" if literal.kind == "string" else "and should be enclosed in quotes"
        )
        text = f"value of filter criterion for field '{field.name}' must be of type {SAID.get(field.type, field.type)}"
        path = comparison.path if isinstance(comparison.path, Path) else Path(("",))
        raise SoqlError("INVALID_FIELD", caret(self.soql, path.column, f"{text} {quoted}"))


def scope_of(schema: Schema, soql: str, query: Query) -> Scope:
    """The scope of a whole query.

    Raises:
        SoqlError: INVALID_TYPE, with the text that orgs have been recorded to say.
    """
    name = str(query.source)
    sobject = schema.object(name)
    if sobject is None:
        text = (
            f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
            "append the '__c' after the entity name."
            " Please reference your WSDL or the describe call for the appropriate names."
        )
        raise SoqlError("INVALID_TYPE", caret(soql, query.source.column, text))
    names = (sobject.name.lower(), *((query.alias.lower(),) if query.alias else ()))
    return Scope(schema, soql, sobject, names)
