"""The command line without a screen: for people, for programs, and in one line where it fails."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from data import paths
from tests.support.tui_driver import small_folder
from tui.__main__ import main
from tui.commands import parser, work
from tui.commands.output import table

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_folder(tmp_path_factory.mktemp("commands") / "small", users=60)


def told(capsys: Capture, *arguments: str) -> list[dict[str, object]]:
    """Run a command and return what it prints as JSON."""
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    found: list[dict[str, object]] = json.loads(out)
    return found


def test_every_command_is_declared_and_done() -> None:
    assert tuple(parser.COMMANDS) == tuple(work.names())


def test_train_measures_keeps_and_is_listed(folder: Path, capsys: Capture) -> None:
    trained = told(capsys, "train", str(folder), "--algorithm", "als", "--set", "factors=2")
    assert trained[0]["run"] == "ALS 2"
    assert isinstance(trained[0]["rmse"], float)
    listed = told(capsys, "models", "--dataset", str(folder))
    assert [one["file"] for one in listed] == [trained[0]["model"]]


def test_folds_and_ranks(folder: Path, capsys: Capture) -> None:
    folds = told(capsys, "train", str(folder), "--cv", "3", "--set", "epochs=2")
    assert [one["fold"] for one in folds] == ["1", "2", "3", "mean", "deviation"]
    rmses = [float(str(one["rmse"])) for one in folds[:3]]
    assert folds[3]["rmse"] == pytest.approx(sum(rmses) / 3)
    swept = told(capsys, "sweep", str(folder), "--ranks", "1,2", "--set", "epochs=2")
    assert [one["run"] for one in swept] == ["ALS 1", "ALS 2"]


def test_the_published_test_part_of_a_fold(movielens: Path, capsys: Capture) -> None:
    u1 = movielens / "ml-100k" / "u1"
    row = told(capsys, "train", f"{u1}.base", "--test", f"{u1}.test", "--set", "epochs=5")[0]
    assert 0.9 < float(str(row["rmse"])) < 0.95


def test_rate_recommend_and_similar(folder: Path, capsys: Capture) -> None:
    common = "--dataset", str(folder)
    first = told(capsys, "recommend", *common, "-n", "5")
    assert len(first) == 5
    assert told(capsys, "rate", "Alien", "4.5", *common)[0]["stars"] == 4.5
    assert "Alien" not in [one["title"] for one in told(capsys, "recommend", *common, "-n", "30")]
    near = told(capsys, "similar", "Alien", *common, "-n", "3")
    assert len(near) == 3
    assert told(capsys, "recommend", *common, "--watchlist") == []
    genre = told(capsys, "recommend", *common, "--genre", "Comedy")
    assert all("Comedy" in str(one["genres"]) for one in genre)


def test_ratings_go_out_and_come_in(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    common = "--dataset", str(folder)
    told(capsys, "rate", "Heat", "2", *common)
    file = str(tmp_path / "mine.csv")
    assert told(capsys, "export", file, *common)[0]["films"] == 1
    ana = *common, "--profile", "Ana"
    assert told(capsys, "import", file, "--dry-run", *ana)[0]["would change"] == 1
    assert told(capsys, "import", file, *ana)[0]["taken in"] == 1
    assert told(capsys, "import", file, "--dry-run", *ana)[0]["would change"] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("train", "demo", "--algorithm", "nope"), "There is no algorithm nope"),
        (("train", "demo", "--set", "nope=1"), "ALS has no nope"),
        (("train", "demo", "--set", "factors=0"), "factors"),
        (("rate", "No Such Film", "5"), "No Such Film"),
        (("rate", "Alien", "4.7"), "by halves"),
        (("sweep", "demo", "--algorithm", "ease"), "no rank"),
        (("train", "demo", "--cv", "100000"), "2 to 100"),
        (("recommend", "--dataset", "demo", "--balance", "7"), "from 0"),
        (("recommend", "--dataset", "/nowhere/at/all"), "/nowhere/at/all"),
        (("import", "/nowhere/at/all"), "/nowhere/at/all"),
    ],
)
def test_a_fault_is_one_line_and_an_exit_code(
    arguments: tuple[str, ...], says: str, capsys: Capture
) -> None:
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


def test_a_table_and_csv_say_the_same(folder: Path, capsys: Capture) -> None:
    assert main(["datasets", "--csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == ["name", "ratings", "state"]
    lines = table([{"title": "七人の侍", "n": 3}, {"title": "Ran", "n": 12}])
    assert lines == ["title      n", "七人の侍   3", "Ran       12"]


@pytest.mark.parametrize("command", parser.COMMANDS)
def test_help_fits_80_columns(
    command: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert all(len(line) <= 80 for line in capsys.readouterr().out.splitlines())


def test_what_stands_before_the_command_counts(folder: Path, capsys: Capture) -> None:
    assert main(["--profile", "Ana", "--dataset", str(folder), "rate", "Heat", "5"]) == 0
    capsys.readouterr()
    mine = told(capsys, "export", str(folder / "out.csv"), "--dataset", str(folder))
    hers = told(
        capsys, "export", str(folder / "out.csv"), "--dataset", str(folder), "--profile", "Ana"
    )
    assert (mine[0]["films"], hers[0]["films"]) == (0, 1)


def test_a_name_that_is_no_text_is_refused(capsys: Capture) -> None:
    assert main(["--profile", "p\udce9", "datasets"]) == 2
    assert main(["datasets", "--profile", "p\udce9"]) == 2
    assert "UTF-8" in capsys.readouterr().err


def test_a_damaged_model_is_told_and_another_serves(folder: Path, capsys: Capture) -> None:
    common = "--dataset", str(folder)
    told(capsys, "recommend", *common, "-n", "3")
    for file in (paths.data_folder() / "models").glob("*.npz"):
        raw = bytearray(file.read_bytes())
        raw[len(raw) // 2] ^= 255
        file.write_bytes(raw)
    assert main(["recommend", *common, "-n", "3", "--json"]) == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)) == 3
    assert "damaged" in err
