"""The commands, as instructors type them."""

import re

from entered_class import ADAM

CANVAS = "Student,ID,Section,05 Adam (1)\nPoints Possible,,,10\n{}"
STRANGERS = "".join(f'"{"Long-Named " * 6}[/] {n}",{n},S,\n' for n in range(900, 903))


def test_a_canvas_file_is_filled_and_what_is_wrong_fits_the_terminal(folder, tmp_path, command_line):
    source = tmp_path / "canvas.csv"
    source.write_text(CANVAS.format('"Able, Ann",101,S,\n' + STRANGERS))
    command = ["export", tmp_path / "out.csv", "--format", "canvas", "--from", source, "--lesson", ADAM.name]
    code, printed, _ = command_line(*command, "--gradebook", folder.path)
    assert not code
    assert '"Able, Ann",101,S,10\n' in (tmp_path / "out.csv").read_text()
    listed = printed.partition("05_adam:")[0].splitlines()
    assert max(map(len, listed)) <= 80
    assert sum("nobody here has" in line for line in listed) == 3
    assert "[/]" in printed
    assert f"Written: {tmp_path / 'out.csv'}" in printed


def test_what_is_wrong_is_one_sentence(folder, tmp_path, command_line):
    out = tmp_path / "out.csv"
    for arguments, sentence in (
        (["export", out, "--format", "canvas"], "export the gradebook in Canvas"),
        (["export", out, "--format", "moodle", "--lesson", ADAM.name], "Download grading worksheet"),
        (["export", out, "--format", "table", "--from", out], "leave --from out"),
        (["export", out, "--format", "table", "--lesson", "adam"], "There is no lesson"),
        (["export", tmp_path / "out.txt", "--format", "table"], "name it out.csv"),
        (["export", tmp_path / "no" / "out.csv", "--format", "table"], "No such file or directory"),
        (
            ["return", ADAM.name, tmp_path / "out.zip", "--format", "canvas"],
            "Nothing tells under which names",
        ),
    ):
        code, _, said = command_line(*arguments, "--gradebook", folder.path)
        assert code == 2
        assert sentence in re.sub(r"\s+", " ", said)
        assert "Traceback" not in said
    assert not out.exists()


def test_a_folder_that_is_no_gradebook_is_one_sentence(tmp_path, command_line):
    code, _, said = command_line("export", tmp_path / "o.csv", "--format", "table", "--gradebook", tmp_path)
    assert (code, "is no gradebook folder" in said) == (2, True)
