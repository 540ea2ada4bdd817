import pytest

from pel.sources import FILE_SOURCES, make_source


@pytest.mark.parametrize("name", sorted(FILE_SOURCES))
def test_a_source_is_made_by_its_name_and_reads_where_it_is_told(name: str) -> None:
    source = make_source(name, "/somewhere/else")
    assert (source.name, source.location) == (name, "/somewhere/else")


def test_an_unknown_source_is_named_beside_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'imdb'.*wikidata"):
        make_source("imdb")
