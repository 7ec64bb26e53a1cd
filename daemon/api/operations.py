"""What a call is: one value from which its route, its checks and its documentation are made."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from daemon.api.caller import Caller
from daemon.keys import Permission

Method = Literal["GET", "POST", "PUT", "DELETE"]
B = TypeVar("B", bound=BaseModel)


class NoBody(BaseModel):
    """For calls that take none."""


@dataclass(frozen=True)
class Call:
    """One call as its handler sees it: checked, and by whom. `caller` is None for public calls.

    `address` is the client's, `token` the cookie of its session as sent, "" where there is none.
    """

    request_id: str
    caller: Caller | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    address: str = ""
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Text:
    """An answer that is no JSON of ours, or has headers of its own."""

    content: str | bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, eq=False)
class Stream:
    """An answer that goes on: chunks of `text/event-stream` until the client leaves, or a long file in pieces.

    `close` gives back what was taken for it, and is called once, also where no chunk was asked for.
    """

    chunks: AsyncIterator[str | bytes]
    media_type: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
    close: Callable[[], None] = lambda: None


Answer = BaseModel | Text | Stream


@dataclass(frozen=True)
class Parameter:
    """A parameter of path or query."""

    name: str
    place: Literal["path", "query"]
    description: str
    schema: Mapping[str, object]
    example: str | int


@dataclass(frozen=True, eq=False)
class Operation(Generic[B]):
    """A call. Its handler runs in a worker thread; what it may fail with are `codes`, and what all calls fail with.

    `permission` is what its key must have been made for; with `public` it needs no key. `audit` is the word for it in
    the audit trail, if it stands there, `subject` finds in a body what it is done to, where no path names it;
    `durable`: whether the line is waited for. A call with `pictures` waits for
    room in memory before its body is read.
    """

    id: str
    method: Method
    path: str
    tag: str
    summary: str
    description: str
    handler: Callable[[Call, B], Answer]
    body: type[B]
    answer: type[BaseModel] | str
    permission: Permission | None = None
    public: bool = False
    parameters: tuple[Parameter, ...] = ()
    codes: tuple[str, ...] = ()
    example: Mapping[str, object] | None = None
    audit: str | None = None
    subject: Callable[[B], str] | None = None
    durable: bool = False
    pictures: bool = False
    statuses: Mapping[int, str] = field(default_factory=dict)
