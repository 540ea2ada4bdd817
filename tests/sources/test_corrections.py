from pathlib import Path

import pytest

from pel.sources import Correction, Reject, SourceError
from pel.sources.corrections import CorrectionsSource

HEAD = "film,field,value,reason\n"


def read(tmp_path: Path, text: str) -> list[Correction | Reject]:
    file = tmp_path / "corrections.csv"
    file.write_text(text, encoding="utf-8")
    return [record for batch in CorrectionsSource(str(file)).batches() for record in batch.records()]


def test_the_corrections_of_a_film_are_one_record_with_their_reasons(tmp_path: Path) -> None:
    (film,) = read(tmp_path, HEAD + "tmdb:348,budget,11000000,typo\ntmdb:348,release_date,1979-05-25,premiere\n")
    assert film.ids == ("tmdb:348",)
    assert film.values == {"budget": "11000000", "release_date": "1979-05-25", "release_precision": "day"}
    assert film.reasons == {"budget": "typo", "release_date": "premiere"}


def test_a_value_may_be_known_to_be_unknown(tmp_path: Path) -> None:
    (film,) = read(tmp_path, HEAD + "imdb:tt0078748,box_office,unknown,of another film\n")
    assert film.values == {"box_office": None}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("tmdb:348,gross,11,typo", "'gross' is not one of title"),
        ("Alien,budget,11000000,typo", "ids.0"),
        ("tmdb:348,budget,a lot,typo", "budget"),
        ("tmdb:348,budget,-5,typo", "budget"),
        ("tmdb:348,release_date,1979-13-01,typo", "release_date"),
        ("tmdb:348,title,unknown,nobody knows", "title"),
        ("tmdb:348,budget,11000000,", "every correction has"),
        ("tmdb:348,budget,11000000", "every correction has"),
        ("tmdb:348,budget,11,000,000,typo", "every correction has"),
    ],
)
def test_a_line_that_cannot_be_meant_is_rejected_with_the_reason(tmp_path: Path, line: str, reason: str) -> None:
    (reject,) = read(tmp_path, HEAD + line + "\n")
    assert isinstance(reject, Reject)
    assert reason in reject.reason


def test_the_second_word_on_a_field_is_rejected(tmp_path: Path) -> None:
    reject, film = read(tmp_path, HEAD + "tmdb:1,budget,2000,a\ntmdb:1,budget,3000,b\n")
    assert isinstance(reject, Reject)
    assert film.values == {"budget": "2000"}


def test_another_first_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="film,field,value,reason"):
        read(tmp_path, "title,budget\n")


def test_a_missing_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.csv.*PEL_CORRECTIONS"):
        list(next(CorrectionsSource(str(tmp_path / "nowhere.csv")).batches()).records())
