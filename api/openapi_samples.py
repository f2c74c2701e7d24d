"""Examples of what is sent, made of the schema where nobody wrote one: every required field, and nothing else."""

from collections.abc import Mapping
from typing import Any, Final

_OF_FORMAT: Final[Mapping[str, str]] = {
    "uuid": "6f9619ff-8b86-4d01-b42d-00c04fc964ff",
    "date-time": "2026-03-02T08:00:00Z",
    "date": "2026-03-02",
    "email": "ada@helios.example",
}
_OF_TYPE: Final[Mapping[str, Any]] = {"boolean": False, "array": [], "object": {}, "null": None, "string": "…"}


def sample(schema: Mapping[str, Any], shapes: Mapping[str, Any]) -> Any:
    """A value of that schema, as somebody would write it."""
    match schema:
        case {"$ref": str(name)}:
            return sample(shapes[name.rpartition("/")[2]], shapes)
        case {"examples": [first, *_]} | {"enum": [first, *_]} | {"const": first} | {"default": first}:
            return first
        case {"oneOf": [first, *_]} | {"anyOf": [first, *_]}:
            return sample(first, shapes)
        case {"properties": Mapping() as fields}:
            wanted = schema.get("required") or list(fields)[:1]
            return {name: sample(field, shapes) for name, field in fields.items() if name in wanted}
        case {"type": "array", "items": Mapping() as item, "minItems": int()}:
            return [sample(item, shapes)]
        case {"type": "integer" | "number"}:
            return schema.get("minimum", 1)
    return _OF_FORMAT.get(schema.get("format", "")) or _OF_TYPE.get(_type_of(schema), "…")


def _type_of(schema: Mapping[str, Any]) -> str:
    said = schema.get("type", "string")
    return str(said[0] if isinstance(said, list) else said)
