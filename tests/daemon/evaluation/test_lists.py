from pathlib import Path

import pytest

from daemon.evaluation.errors import EvaluationError
from daemon.evaluation.labels import read_labels
from daemon.evaluation.pairs import Pair, identity_of, picture_names, read_pairs


def test_pairs_name_fold_kind_and_pictures(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("fold,same,a,b\n1,1,Ann/1.jpg,Ann/2.jpg\n2,0,Ann/1.jpg,Bob/1.jpg\n")
    pairs = read_pairs(file)
    assert pairs == (Pair(1, True, "Ann/1.jpg", "Ann/2.jpg"), Pair(2, False, "Ann/1.jpg", "Bob/1.jpg"))
    for name in ("Ann/1.jpg", "Ann/2.jpg", "Bob/1.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert picture_names(tmp_path, pairs) == ("Ann/1.jpg", "Ann/2.jpg", "Bob/1.jpg")
    assert identity_of("Ann/1.jpg") == "Ann"
    (tmp_path / "Bob/1.jpg").unlink()
    with pytest.raises(EvaluationError, match=r"Bob/1\.jpg: no such picture"):
        picture_names(tmp_path, pairs)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("fold,a,b\n", "no column same"),
        ("fold,same,a,b\n", "no pairs"),
        ("fold,same,a,b\n1,1,x,y\n1,2,x,y\n", "line 3"),
        ("fold,same,a,b\n1,1,/etc/x,y\n", "relative"),
        ("fold,same,a,b\n1,1,../x,y\n", "relative"),
        ("fold,same,a,b\n1,1,x\n", "line 2"),
    ],
)
def test_a_wrong_list_of_pairs_is_refused_with_its_line(text: str, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text(text)
    with pytest.raises(EvaluationError, match=complaint):
        read_pairs(file)


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="can't be read"):
        read_pairs(tmp_path / "none.csv")
    with pytest.raises(EvaluationError, match="can't be read"):
        read_labels(tmp_path / "none.csv")


def test_labels_expand_patterns_in_natural_order(tmp_path: Path) -> None:
    for name in ("still_10.png", "still_9.png", "film.mp4"):
        (tmp_path / name).touch()
    file = tmp_path / "labels.csv"
    file.write_text("file,label,attack,presentation,note\nstill_*.png,live,,one,\nfilm.mp4,spoof,screen,two,\n")
    one, two = read_labels(file)
    assert [path.name for path in one.files] == ["still_9.png", "still_10.png"]
    assert (one.attack, one.is_video) == (None, False)
    assert (two.name, two.attack, two.is_video) == ("two", "screen", True)
    assert read_labels(file, only="film*") == (two,)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("a.png,fake,,x", "label is live or spoof"),
        ("a.png,spoof,,x", "needs its species"),
        ("b.png,live,,x", "no picture or video matches"),
        ("*,live,,x", "one video is one presentation"),
    ],
)
def test_a_wrong_label_is_refused_with_its_line(row: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "c.mp4").touch()
    file = tmp_path / "labels.csv"
    file.write_text(f"file,label,attack,presentation\n{row}\n")
    with pytest.raises(EvaluationError, match=f"line 2: .*{complaint}"):
        read_labels(file)
    with pytest.raises(EvaluationError, match=r"no presentation whose file matches z\*"):
        read_labels(file, only="z*")
