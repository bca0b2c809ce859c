"""Reading what was handed in, telling its lesson, and putting its checked cells back in order."""

import os

import nbformat
import pytest

from autograder.catalogue.lesson import find, lessons
from autograder.judge.handed_out import HandedOut
from autograder.judge.own_file import Unreadable
from autograder.judge.reading import read
from autograder.judge.submission import recognise
from autograder.judge.submission import restore as put_back
from course.cells import grade_id

LESSON = find("05_adam")


def handed_out():
    return LESSON.student_notebook()


def restore(notebook, lesson):
    return put_back(notebook, HandedOut(lesson))


def said(fixed):
    return [flag.sentence for flag in fixed.flags]


def cell(notebook, name):
    return next(cell for cell in notebook.cells if grade_id(cell) == name)


def test_an_untouched_notebook_stays_as_it_is():
    fixed = restore(handed_out(), LESSON)
    assert fixed.flags == ()
    assert [c.source for c in fixed.notebook.cells] == [c.source for c in handed_out().cells]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.ipynb is empty."),
        ("   \n", "a.ipynb is empty."),
        ("This was meant to be a notebook.", "a.ipynb is not a notebook: it is not JSON (line 1)."),
        ("[" * 100_000, "a.ipynb is not a notebook: it is not JSON."),
        ("[1, 2]", "a.ipynb is JSON, but not a notebook."),
        ("3", "a.ipynb is JSON, but not a notebook."),
        (
            '{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
            "a.ipynb is JSON, but not a notebook.",
        ),
        ('{"cells": [{"cell_type": "code"}], "nbformat": 4}', "a.ipynb is JSON, but not a notebook."),
    ],
    ids=range(8),
)
def test_what_is_no_notebook_gets_one_sentence(tmp_path, capfd, text, said):
    (tmp_path / "a.ipynb").write_text(text)
    with pytest.raises(Unreadable) as error:
        read(tmp_path / "a.ipynb")
    assert str(error.value) == said
    assert capfd.readouterr() == ("", "")


def test_bytes_that_are_no_text_and_files_that_are_not_there(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Unreadable, match="it is not text in UTF-8"):
        read(tmp_path / "a.ipynb")
    with pytest.raises(Unreadable, match="can't be opened: No such file or directory"):
        read(tmp_path / "b.ipynb")


def test_ids_that_other_editors_leave_out_are_mended(tmp_path):
    notebook = handed_out()
    for entry in notebook.cells:
        entry.pop("id", None)
    notebook.nbformat_minor = 4
    (tmp_path / "a.ipynb").write_text(nbformat.writes(notebook))
    assert len(read(tmp_path / "a.ipynb").cells) == len(notebook.cells)


def test_a_notebook_is_recognised_by_its_cells():
    assert recognise(handed_out(), lessons()) == LESSON
    assert recognise(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), lessons()) is None


def test_a_deleted_check_is_put_back_after_its_exercise():
    notebook = handed_out()
    notebook.cells.remove(cell(notebook, "check_adam_update"))
    fixed = restore(notebook, LESSON)
    assert said(fixed) == ["cell check_adam_update is missing: put back"]
    names = [grade_id(entry) for entry in fixed.notebook.cells if grade_id(entry)]
    assert names.index("check_adam_update") == names.index("adam_update") + 1


def test_an_edited_check_is_restored():
    notebook = handed_out()
    cell(notebook, "check_adam_update").source = "3.0"
    fixed = restore(notebook, LESSON)
    assert said(fixed) == ["cell check_adam_update was changed: restored"]
    assert cell(fixed.notebook, "check_adam_update").source == 'check("adam_update", adam_update)'


def test_a_copied_check_counts_once():
    notebook = handed_out()
    notebook.cells.append(cell(handed_out(), "check_adam_update"))
    fixed = restore(notebook, LESSON)
    assert said(fixed) == ["cell check_adam_update is there more than once: the first counts"]
    assert [grade_id(entry) for entry in fixed.notebook.cells].count("check_adam_update") == 1


def test_a_check_turned_into_text_is_restored():
    notebook = handed_out()
    place = notebook.cells.index(cell(notebook, "check_adam_update"))
    old = notebook.cells[place]
    notebook.cells[place] = nbformat.v4.new_markdown_cell(old.source, metadata=old.metadata)
    fixed = restore(notebook, LESSON)
    assert said(fixed) == ["cell check_adam_update was turned into markdown: restored"]
    assert cell(fixed.notebook, "check_adam_update").cell_type == "code"


def test_tags_have_no_effect():
    notebook = handed_out()
    for entry in notebook.cells:
        entry.metadata["tags"] = ["skip-execution", "experiment", "raises-exception"]
    fixed = restore(notebook, LESSON)
    assert [entry.metadata.get("tags") for entry in fixed.notebook.cells if grade_id(entry)] == [
        entry.metadata.get("tags") for entry in handed_out().cells if grade_id(entry)
    ]
    assert not any(entry.metadata for entry in fixed.notebook.cells if not grade_id(entry))


def test_a_missing_solution_cell_is_put_back_as_it_was_handed_out():
    notebook = handed_out()
    notebook.cells.remove(cell(notebook, "Adam"))
    fixed = restore(notebook, LESSON)
    assert said(fixed) == ["cell Adam is missing: put back"]
    assert cell(fixed.notebook, "Adam").source == cell(handed_out(), "Adam").source


@pytest.mark.parametrize(
    ("kind", "shown", "flags"),
    [
        ("markdown", "<div>$a&lt;b$ and a &lt; b, <b>bold</b> <img></div>", ["text_cleaned"]),
        ("raw", "$a&lt;b$ and a &lt; b, &lt;b&gt;bold&lt;/b&gt; &lt;img src=x onerror=alert(1)&gt;", []),
    ],
)
def test_of_a_text_of_the_students_own_nothing_is_left_that_could_run(kind, shown, flags):
    notebook = handed_out()
    given = [entry.source for entry in notebook.cells]
    typed = "$a<b$ and a < b, <b>bold</b> <img src=x onerror=alert(1)>"
    notebook.cells.append(
        nbformat.from_dict({"cell_type": kind, "source": typed, "metadata": {}, "id": "own"})
    )
    fixed = restore(notebook, LESSON)
    assert [entry.source for entry in fixed.notebook.cells[:-1]] == given
    assert fixed.notebook.cells[-1].source.replace("<p>", "").replace("</p>", "") == shown
    assert [flag.id for flag in fixed.flags] == flags


def test_what_is_no_file_is_not_opened(tmp_path):
    target = tmp_path / "solution.ipynb"
    target.write_text(nbformat.writes(find("05_adam").student_notebook()))
    (tmp_path / "link.ipynb").symlink_to(target)
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name, said in (("link", "is a link"), ("folder", "is not a file"), ("pipe", "is not a file")):
        with pytest.raises(Unreadable, match=said):
            read(tmp_path / f"{name}.ipynb")
