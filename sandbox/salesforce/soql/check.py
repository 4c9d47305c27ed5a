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
SAID = {"double": "double", "currency": "double", "percent": "double", "int": "int"}
SUGGESTION = (
    " If you are attempting to use a custom field, be sure to append the '__c' after the custom field name."
    " Please reference your WSDL or the describe call for the appropriate names."
)


@dataclass(frozen=True)
class Way:
    """From a row to a value: reference fields to follow, each with the object it leads to, and the field at the end."""

    through: tuple[tuple[Field, SObject], ...]
    field: Field


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
        through: list[tuple[Field, SObject]] = []
        current = self.sobject
        for step in steps[:-1]:
            field = current.relationships.get(step.lower())
            parent = self.schema.object(field.refers_to[0]) if field and field.refers_to else None
            if field is None or parent is None:
                text = f"Didn't understand relationship '{step}' in field path."
                raise SoqlError("INVALID_FIELD", caret(self.soql, path.column, text + SUGGESTION))
            through.append((field, parent))
            current = parent
        found = current.field(steps[-1])
        if found is None:
            text = f"No such column '{steps[-1]}' on entity '{current.name}'."
            raise SoqlError("INVALID_FIELD", caret(self.soql, path.column, text + SUGGESTION))
        return Way(tuple(through), found)

    def check_literals(self, comparison: Compare, field: Field) -> None:
        """Refuse a literal of a kind that the field does not compare with.

        Raises:
            SoqlError: INVALID_FIELD or INVALID_OPERATOR.
        """
        if comparison.operator == "like" and field.type in KINDS:
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
