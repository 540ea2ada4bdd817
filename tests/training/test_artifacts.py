from pathlib import Path

import pytest

from pel.training.artifacts import ArtifactError, ArtifactFolder


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "below").mkdir(parents=True)
    (folder / "one.txt").write_text("one")
    (folder / "below" / "two.bin").write_bytes(bytes(range(256)))
    return folder


@pytest.fixture
def store(tmp_path: Path) -> ArtifactFolder:
    return ArtifactFolder((tmp_path / "store" / "version").as_uri())


def stored(store: ArtifactFolder, name: str) -> Path:
    return Path(store.url.removeprefix("file://")) / name


def test_what_was_put_comes_back(store: ArtifactFolder, files: Path, tmp_path: Path) -> None:
    (store / "part").put(files)
    back = (store / "part").get(tmp_path / "back")
    assert (back / "one.txt").read_text() == "one"
    assert (back / "below" / "two.bin").read_bytes() == bytes(range(256))


def test_a_folder_is_complete_once_everything_was_put(store: ArtifactFolder, files: Path) -> None:
    assert not (store / "part").is_complete()
    (store / "part").put(files)
    assert (store / "part").is_complete()


def test_no_temporary_file_is_left(store: ArtifactFolder, files: Path) -> None:
    (store / "part").put(files)
    names = {file.name for file in stored(store, "part").rglob("*") if file.is_file()}
    assert names == {"one.txt", "two.bin", "manifest.json"}


def test_a_changed_file_is_refused_by_name(store: ArtifactFolder, files: Path, tmp_path: Path) -> None:
    (store / "part").put(files)
    stored(store, "part/one.txt").write_text("two")
    with pytest.raises(ArtifactError, match=r"one\.txt has SHA-256"):
        (store / "part").get(tmp_path / "back")


def test_a_file_cut_short_is_refused(store: ArtifactFolder, files: Path, tmp_path: Path) -> None:
    (store / "part").put(files)
    stored(store, "part/below/two.bin").write_bytes(bytes(range(100)))
    with pytest.raises(ArtifactError, match=r"two\.bin"):
        (store / "part").get(tmp_path / "back")


def test_a_missing_file_is_refused(store: ArtifactFolder, files: Path, tmp_path: Path) -> None:
    (store / "part").put(files)
    stored(store, "part/one.txt").unlink()
    with pytest.raises(ArtifactError, match=r"one\.txt is missing"):
        (store / "part").get(tmp_path / "back")


def test_a_seal_covers_every_file_of_its_parts(store: ArtifactFolder, files: Path, tmp_path: Path) -> None:
    (store / "a").put(files)
    (store / "b").put(files)
    seal = store.seal(["a", "b"])
    assert (store.get_part("a", tmp_path / "back", seal) / "one.txt").read_text() == "one"

    # someone who changes a file and its manifest alike is still found out
    (files / "one.txt").write_text("forged")
    (store / "b").put(files)
    with pytest.raises(ArtifactError, match=r"b/manifest\.json"):
        store.get_part("b", tmp_path / "forged", seal)


def test_a_seal_of_another_version_is_refused(store: ArtifactFolder, files: Path, tmp_path: Path) -> None:
    (store / "a").put(files)
    store.seal(["a"])
    with pytest.raises(ArtifactError, match=r"manifest\.json has SHA-256"):
        store.get_part("a", tmp_path / "back", "0" * 64)
