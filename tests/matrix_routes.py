"""Every route of the console, read from its OpenAPI document, and a request that it would take.

What names a person's or an organisation's thing (an id in the path, in the query or in the body) is left open, so that
the same request can be made about one's own, somebody else's and nothing at all.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from earshot.taxonomy.frameworks import frameworks


def sealed(length: int) -> str:
    """Bytes that could be a ciphertext of that length, in base64."""
    return base64.b64encode((bytes(range(256)) * 2)[:length]).decode()


#: Names by which a request says whose thing it is about.
NAMES = frozenset(
    {
        *("org", "org_id", "comment_id", "correction_id", "signal_id", "import_id", "link_id", "account_id"),
        *("case_id", "action_id", "hand_off_id", "lock_id", "glass_id", "look_id", "hold_id", "session_id"),
        *("passkey_id", "reference", "ids", "pair_id", "job_id", "bundle_id", "same_as", "deputy_id"),
        *("first_account_id", "second_account_id", "cluster", "improvement_id", "owner_id", "signal", "signal_ids"),
        *("publication_id", "improvement", "subscription_id", "alert_id", "report_id", "key_id"),
        *("digest_id", "letter_id"),
    }
)
#: What a schema alone does not tell: formats that the server checks further.
_SAMPLES: Mapping[str, Any] = {
    "inner_sealed": sealed(80),
    "public": sealed(32),
    "expires_on": date.today().isoformat(),
    "notes_public": sealed(32),
    "salt": sealed(16),
    "measure": "comments",
    "theme": frameworks()[0].names[0],
    "on": "2026-03-02",
    "period": date.today().isoformat(),
    "email": "new@invented.example",
    "if-match": '"1"',
    "values": {"total.all.eligible": 3},
    "token": "x" * 43,
}
_PREFERRED = {"role": "analyst", "kind": "responses"}  # where a schema lets one choose
#: Fields that a schema calls optional and the server wants all the same, by the name of their schema.
_WANTED = {
    "KeyLockIn": {"settings"},
    "HandOffChange": {"state"},
    "CaseIn": {"seniority"},
    "PublicationIn": {"quote"},
    "WordsIn": {"quote"},
}
#: How long a ciphertext must be, by the name of its schema; otherwise it is a padded text.
_SEALED = {"LockIn": 80, "CaseLockIn": 80, "KeyLockIn": 60}


@dataclass(frozen=True)
class Operation:
    """A method and a path; `names` are those of NAMES that a request to it says, wherever it says them."""

    method: str
    path: str
    action: str | None
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any] | None
    upload: bool
    names: frozenset[str] = field(default_factory=frozenset)

    @property
    def id(self) -> str:
        """As a test calls it."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Sent:
    """A request, ready to be made with httpx."""

    method: str
    url: str
    params: dict[str, Any]
    headers: dict[str, str]
    json: Any = None
    files: Any = None


@dataclass(frozen=True)
class Document:
    """The OpenAPI document of the console."""

    whole: Mapping[str, Any]

    @property
    def operations(self) -> list[Operation]:
        """Every operation in it."""
        return [
            self._operation(method, path, described)
            for path, methods in self.whole["paths"].items()
            for method, described in methods.items()
        ]

    def _operation(self, method: str, path: str, described: Mapping[str, Any]) -> Operation:
        content = described.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        parameters = tuple(described.get("parameters", ()))
        named = {parameter["name"] for parameter in parameters} | self._fields(schema)
        return Operation(
            method.upper(), path, described.get("x-action"), parameters, schema,
            "multipart/form-data" in content, frozenset(named & NAMES),
        )  # fmt: skip

    def _fields(self, schema: Any) -> set[str]:
        """The names of all fields of a body, nested ones too."""
        if schema is None:
            return set()
        schema = self._resolved(schema)
        found: set[str] = set()
        for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            found |= self._fields(part)
        if "items" in schema:
            found |= self._fields(schema["items"])
        for name, inner in schema.get("properties", {}).items():
            found |= {name} | self._fields(inner)
        return found

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            found: Mapping[str, Any] = {"title": name, **self.whole["components"]["schemas"][name]}
            return found
        return schema

    def request(self, operation: Operation, named: Mapping[str, Any], *, pack: str) -> Sent:
        """A request that says `named` of whose thing it is about, and something sensible of everything else."""
        url, params, headers = operation.path, {}, {}
        for parameter in operation.parameters:
            name, place = parameter["name"], parameter["in"]
            value = pack if name == "pack" else self._value(name, parameter["schema"], named)
            if place == "path":
                url = url.replace("{" + name + "}", str(value))
            elif place == "header":
                headers[name] = str(value)
            elif parameter.get("required") or name in named:
                params[name] = str(value)
        body = None if operation.body is None else self._value("", operation.body, named)
        files = {"file": ("one.csv", b"comment\nThe staff were kind\n", "text/csv")} if operation.upload else None
        return Sent(operation.method, url, params, headers, body, files)

    def _value(self, name: str, schema: Mapping[str, Any], named: Mapping[str, Any], owner: str = "") -> Any:
        schema = self._resolved(schema)
        if name in named:
            return [named[name]] if schema.get("type") == "array" else named[name]
        if name in _PREFERRED and _PREFERRED[name] in schema.get("enum", [schema.get("const", _PREFERRED[name])]):
            return _PREFERRED[name]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            return self._value(name, part, named, owner)
        if name in _SAMPLES and (name == "values" or schema.get("type") != "object"):
            return _SAMPLES[name]
        if name == "sealed":
            return sealed(_SEALED.get(owner, 48 + 256))
        return self._plain(schema, named)

    def _plain(self, schema: Mapping[str, Any], named: Mapping[str, Any]) -> Any:
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, named)
        if kind == "array":
            one = schema.get("minItems") or self._fields(schema["items"]) & set(named)
            return [self._value("", schema["items"], named)] if one else []
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        if kind == "boolean":
            return True
        texts = {"date": "2026-03-02", "uuid": "00000000-0000-4000-8000-000000000000"}
        text = {**texts, "date-time": "2026-03-02T08:00:00Z"}.get(schema.get("format", ""))
        return text or "x" * max(schema.get("minLength", 1), 1)

    def _object(self, schema: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
        wanted = set(schema.get("required", ())) | (set(schema.get("properties", {})) & set(named))
        owner = schema.get("title", "")
        wanted |= _WANTED.get(owner, set())
        return {
            name: self._value(name, inner, named, owner)
            for name, inner in schema.get("properties", {}).items()
            if name in wanted
        }
