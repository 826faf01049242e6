"""What receivers are sent, as OpenAPI describes it: the `webhooks` of the API's description."""

from collections.abc import Mapping

from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    PathItem,
    RequestBody,
    Schema,
)

from events.messaging.webhooks.tables import Happening

_TEXT = Schema(type=OpenAPIType.STRING)
_ID = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.UUID)
_MOMENT = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME)
_EVENT = Schema(type=OpenAPIType.OBJECT, properties={"id": _ID, "slug": _TEXT}, required=["id", "slug"])


def _one_of(*values: str) -> Schema:
    return Schema(type=OpenAPIType.STRING, enum=list(values))


DATA: Mapping[Happening, tuple[str, Mapping[str, Schema]]] = {
    Happening.REGISTRATION_CREATED: (
        "Someone registered, also again after cancelling, or took a place over.",
        {
            "registration": _ID,
            "state": _one_of("confirmed", "waitlisted", "awaiting_approval", "awaiting_address"),
        },
    ),
    Happening.REGISTRATION_CANCELLED: (
        "A registration ended: cancelled, handed over, lapsed or declined.",
        {"registration": _ID, "state": _one_of("cancelled", "declined")},
    ),
    Happening.CHECKIN_RECORDED: (
        "A door let someone in or out, or took that back.",
        {
            "registration": _ID,
            "type": _one_of("entry", "exit", "undo"),
            "at": _MOMENT,
            "result": _one_of("ok", "conflict"),
        },
    ),
    Happening.EVENT_PUBLISHED: ("An event can be seen by everybody.", {}),
    Happening.SURVEY_ANSWERED: (
        "A survey has at least five more answers than were told of; there are as many as `answers` says.",
        {"answers": Schema(type=OpenAPIType.INTEGER)},
    ),
}
"""Of each kind: what it means, and what its data hold beside the event."""

_HEADERS = {
    "webhook-id": "The same whenever the same message comes again.",
    "webhook-timestamp": "When it was signed, in seconds since 1970.",
    "webhook-signature": "`v1,` and the signature in base64, by HMAC-SHA256; several with spaces between.",
}


def _path(kind: Happening, summary: str, data: Mapping[str, Schema]) -> PathItem:
    body = Schema(
        type=OpenAPIType.OBJECT,
        properties={
            "type": Schema(const=kind.value),
            "timestamp": _MOMENT,
            "data": Schema(type=OpenAPIType.OBJECT, properties={"event": _EVENT, **data}, required=["event", *data]),
        },
        required=["type", "timestamp", "data"],
    )
    return PathItem(
        post=Operation(
            tags=["webhooks"],
            summary=summary,
            operation_id=f"webhook:{kind.value}",
            parameters=[
                Parameter(name=name, param_in="header", required=True, description=text, schema=_TEXT)
                for name, text in _HEADERS.items()
            ],
            request_body=RequestBody(content={"application/json": OpenAPIMediaType(schema=body)}, required=True),
            responses={"2XX": OpenAPIResponse(description="Taken; anything else is tried again.")},
        )
    )


WEBHOOKS = {kind.value: _path(kind, summary, data) for kind, (summary, data) in DATA.items()}
"""Kind → what is posted."""
