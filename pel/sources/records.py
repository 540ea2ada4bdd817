"""What every source delivers: film records, validated, and records that could not be read.

A :class:`Source` turns what it finds into :class:`Film`, :class:`Withdrawal` or :class:`Reject`, in batches, and raises
:class:`SourceError` if it cannot be read at all.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

# Postgres text cannot hold NUL; a name with one is a broken name.
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=r"^[^\x00]+$")]
Dollars = Annotated[Decimal, Field(gt=0, lt=Decimal("1e13"), decimal_places=2)]
Precision = Literal["day", "month", "year"]
# How the catalogues of this world number films; by these, the records of several sources become one film.
ExternalId = Annotated[
    str, StringConstraints(pattern=r"^(tmdb:[1-9][0-9]{0,9}|imdb:tt[0-9]{7,10}|wikidata:Q[1-9][0-9]{0,11})$")
]


class SourceError(Exception):
    """A source that cannot be read; the message says which, why, and what to do."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Credit(_Record):
    """A person in a film; ``billing`` counts from 1 and is None where the source has no billing order.

    ``key`` tells people of one name apart, such as ``tmdb:31``; None where the source has nothing but names.
    """

    name: Name
    key: Name | None = None
    billing: int | None = Field(default=None, ge=1)


class Rating(_Record):
    """A mean rating out of ten."""

    value: Decimal = Field(ge=0, le=10, decimal_places=2)
    votes: int | None = Field(default=None, gt=0, lt=2**31)
    observed_on: date | None = None


class BoxOffice(_Record):
    """What a film made, in US dollars."""

    dollars: Dollars
    observed_on: date | None = None


class Film(_Record):
    """One film as a source describes it. Money is in US dollars, unknown is None and never 0.

    ``release_date`` is the last day on which the film may have come out, given what ``release_precision`` says is
    known: the day itself, the last of the month, or December 31st.
    """

    key: Name
    ids: tuple[ExternalId, ...] = ()
    title: Name
    release_date: date | None = Field(default=None, ge=date(1874, 12, 9))  # the first film known was shot that day
    release_precision: Precision | None = None
    runtime_minutes: int | None = Field(default=None, gt=0, lt=2**31)
    budget: Dollars | None = None
    directors: tuple[Credit, ...] = ()
    cast: tuple[Credit, ...] = ()
    genres: tuple[Name, ...] = ()
    companies: tuple[Name, ...] = ()
    collections: tuple[Name, ...] = ()
    countries: tuple[Name, ...] = ()
    languages: tuple[Name, ...] = ()
    keywords: tuple[Name, ...] = ()
    certification: Name | None = None
    rating: Rating | None = None
    box_office: BoxOffice | None = None

    @field_validator("directors", "cast", "genres", "companies", "collections", "countries", "languages", "keywords")
    @classmethod
    def _once_each(cls, several: tuple[Any, ...]) -> tuple[Any, ...]:
        """People and names once each, where they came first."""
        kept: dict[str, Any] = {}
        for one in several:
            kept.setdefault(one if isinstance(one, str) else one.key or one.name, one)
        return tuple(kept.values())

    @model_validator(mode="after")
    def _dates_have_a_precision(self) -> "Film":
        if (self.release_date is None) != (self.release_precision is None):
            raise ValueError("release_date and release_precision come together or not at all")
        return self

    def as_json(self) -> str:
        """The record as JSON, unknown fields left out."""
        return self.model_dump_json(exclude_defaults=True)


class Correction(_Record):
    """What overrules the sources on one film: values by the name of a Film's field (None: unknown), and the reasons."""

    key: Name
    ids: tuple[ExternalId, ...]
    values: dict[str, Any]
    reasons: dict[str, Name]

    def joined(self, other: "Correction") -> "Correction":
        """Both corrections of the film in one."""
        return self.model_copy(update={"values": self.values | other.values, "reasons": self.reasons | other.reasons})

    def as_json(self) -> str:
        """The record as JSON."""
        return json.dumps({"key": self.key, "ids": self.ids, **self.values, "reasons": self.reasons})


class Withdrawal(_Record):
    """The source has the film of this key no more."""

    key: Name


@dataclass(frozen=True)
class Reject:
    """A record that could not be taken in: its text as delivered, and what is wrong with it."""

    reason: str
    raw: str


class UserRating(NamedTuple):
    """One user's rating of a film. A plain tuple, for there are tens of millions.

    ``film`` is an external id, ``day`` counts from 1970-01-01 (UTC), ``rating`` is out of ten.
    """

    film: str
    day: int
    rating: float


Record = Film | Correction | Withdrawal | Reject


@dataclass(frozen=True)
class Batch:
    """A part of a source that is taken in as a whole.

    ``name`` says which, and is the same in every run; ``fraction`` tells how much of it has been read, 0 to 1, where
    that is known.
    """

    name: str
    records: Callable[[], Iterator[Record]]
    user_ratings: Callable[[], Iterator[UserRating | Reject]] = lambda: iter(())
    fraction: Callable[[], float] | None = None


class Source(ABC):
    """Where films come from.

    Attributes:
        name: The source's name, which its films keep.
        location: Where it is read; two runs of one location may stand in for each other.
        live: Whether the source tells the state of the day on which it is read. What a live source said earlier counts
            until then; the word of any other source takes the place of its earlier word.
        complete: Whether a batch holds all that the source has to say, so that what is missing has been withdrawn.
    """

    name: ClassVar[str]
    live: ClassVar[bool] = False
    complete: ClassVar[bool] = False
    location: str

    @abstractmethod
    def batches(self) -> Iterator[Batch]:
        """The parts of the source, in a fixed order; reading one raises SourceError if it cannot be read."""


def film_or_reject(fields: Mapping[str, Any], raw: Mapping[str, Any]) -> Film | Reject:
    """The film that the fields describe or, if they break a rule, the raw record with the rules that it broke."""
    try:
        return Film.model_validate(fields)
    except ValidationError as error:
        broken = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'record'}: {e['msg']}" for e in error.errors())
        return Reject(reason=broken, raw=as_text(raw))


def as_text(raw: Mapping[str, Any]) -> str:
    """A raw record as text that Postgres can hold."""
    return json.dumps(raw, ensure_ascii=True, default=str, sort_keys=True)


def unique(names: Iterable[Any]) -> list[Any]:
    """The names once each, in their order."""
    return list(dict.fromkeys(names))
