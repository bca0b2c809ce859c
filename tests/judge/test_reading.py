"""What is read of a file that was handed in: cells, settings and pictures of any format; nothing else, and soon."""

import json
import os
import time

import nbformat
import pytest

from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered
from autograder.judge.own_file import Unreadable, contents
from autograder.judge.reading import CELLS_LIMIT, CONTAINERS_LIMIT, read
from course.trial import SIZE_LIMIT

LESSON = find("05_adam")
PICTURE = "iVBORw0KGgo="


@pytest.fixture
def handed_in(tmp_path):
    """Reads what is handed in as a dictionary or as text."""

    def hand_in(content):
        path = tmp_path / "a.ipynb"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return read(path)

    return hand_in


def right():
    return answered(LESSON, {})


def seen(notebook):
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def test_cells_are_read_as_nbformat_reads_them_without_what_they_showed(handed_in):
    made = nbformat.read(LESSON.notebook_path, as_version=4)
    back = handed_in(nbformat.writes(made))
    assert seen(back) == seen(made)
    assert not any(cell.outputs for cell in back.cells if cell.cell_type == "code")
    settings = ("nbgrader", "tags")
    assert [{name: cell.metadata.get(name) for name in settings} for cell in back.cells] == [
        {name: cell.metadata.get(name) for name in settings} for cell in made.cells
    ]
    nbformat.validate(back)


def test_pictures_that_were_pasted_into_a_text_come_along(handed_in):
    made = right()
    text = nbformat.v4.new_markdown_cell("![image](attachment:image.png)")
    text.attachments = {
        "image.png": {"image/png": PICTURE, "text/html": "<script>"},
        "image.svg": {"image/svg+xml": "<svg>"},
        "none": 3,
    }
    made.cells.append(text)
    back = handed_in(json.dumps(made))
    assert back.cells[-1].attachments == {"image.png": {"image/png": PICTURE}}
    assert not any("attachments" in cell for cell in back.cells[:-1])


TEXTS = [("code", "x = 1\ny = 2"), ("markdown", "a\nb")]
CODE = {"cell_type": "code", "language": "python", "outputs": [], "collapsed": False}
OLD = {
    "format 1": {
        "nbformat": 1,
        "cells": [{"cell_type": "code", "code": "x = 1\ny = 2"}, {"cell_type": "text", "text": "a\nb"}],
    },
    "format 2": {
        "nbformat": 2,
        "metadata": {"name": ""},
        "worksheets": [
            {"cells": [{**CODE, "input": ["x = 1", "y = 2"]}, {"cell_type": "markdown", "source": "a\nb"}]}
        ],
    },
    "format 3 in two worksheets": {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [
            {"cells": [{**CODE, "input": ["x = 1\n", "y = 2"]}]},
            {"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["a\n", "b"]}]},
        ],
    },
}


@pytest.mark.parametrize("form", OLD)
def test_older_formats_are_read(handed_in, form):
    assert seen(handed_in(OLD[form])) == TEXTS


def test_a_heading_of_before_is_one_and_no_longer_than_one(handed_in):
    heading = {"cell_type": "heading", "source": "Title", "metadata": {}}
    cells = [{**heading, "level": 2}, {**heading, "level": 10**9}, {**heading, "level": "2"}]
    made = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    assert seen(handed_in(made)) == [
        ("markdown", "## Title"),
        ("markdown", "# Title"),
        ("markdown", "# Title"),
    ]


def test_megabytes_of_outputs_and_of_widgets_are_no_hindrance(handed_in):
    made = right()
    figure = {"data": [{"x": list(range(1000)), "y": list(range(1000)), "marker": {"size": [1] * 10}}] * 100}
    shown = nbformat.v4.new_output("display_data", {"application/vnd.plotly.v1+json": figure})
    printed = nbformat.v4.new_output("stream", text="[[1, 2], [3, 4]]\n" * 8_000)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs = [shown, printed]
    made.metadata.widgets = {"state": {f"{number:032x}": {"state": {"a": [1]}} for number in range(5000)}}
    text = json.dumps(made)
    assert len(text) > 20_000_000
    assert seen(handed_in(text)) == seen(right())


BARE = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
CELL = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "1"}
WORKSHEETS = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}}
BOMBS = {
    "objects": ({**BARE, "cells": [], "more": [{}] * (CONTAINERS_LIMIT + 1)}, "too_many_values"),
    "a text without end": ("[" * 1_000_001 + '"' + chr(92) * 10_000_001, "too_many_values"),
    "quotes without end": ('"' + (chr(92) + '"') * 10_000_000 + "[" * 1_000_001, "not_json_from_line"),
    "lists": ([[]] * (CONTAINERS_LIMIT + 1), "too_many_values"),
    "cells": ({**BARE, "cells": [CELL] * (CELLS_LIMIT + 1)}, "too_many_cells"),
    "cells in a worksheet": ({**WORKSHEETS, "worksheets": [{"cells": [CELL] * 20_000}]}, "too_many_cells"),
    "cells in many worksheets": (
        {**WORKSHEETS, "worksheets": [{"cells": [CELL] * 10}] * 20_000},
        "too_many_cells",
    ),
    "a text of millions of lines": (
        {**BARE, "cells": [{**CELL, "source": ["x"] * 3_000_000}]},
        "too_much_text",
    ),
    "worksheets that are none": ({**WORKSHEETS, "worksheets": 3}, "not_a_notebook"),
    "a format that is a list": ({**BARE, "nbformat": [4], "cells": []}, "not_a_notebook"),
    "a text that is a number": ({**BARE, "cells": [{**CELL, "source": 1}]}, "not_a_notebook"),
    "lines that are numbers": ({**BARE, "cells": [{**CELL, "source": ["a", 1]}]}, "not_a_notebook"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_takes_long_to_read_is_refused_before_it_is(handed_in, bomb):
    content, id = BOMBS[bomb]
    text = content if isinstance(content, str) else json.dumps(content)
    start = time.monotonic()
    with pytest.raises(Unreadable) as error:
        handed_in(text)
    assert error.value.flag.id == id
    assert time.monotonic() - start < 10


KEPT = {
    "metadata of megabytes": (
        "metadata",
        {"tags": ["a"] * 100_000, "nbgrader": {"grade_id": "x" * 1000, "a": [1]}, "b": [1]},
    ),
    "metadata that is none": ("metadata", 3),
    "tags that are none": ("metadata", {"tags": "a", "nbgrader": []}),
    "thousands of attachments": (
        "attachments",
        {str(number): {"image/png": "a"} for number in range(50_000)},
    ),
    "an id of a megabyte": ("id", "!" * 1_000_000),
}


@pytest.mark.parametrize("name", KEPT)
def test_of_one_cells_settings_only_so_much_is_kept(handed_in, name):
    key, value = KEPT[name]
    made = json.loads(nbformat.writes(right()))
    made["cells"][0][key] = value
    if key == "id":
        with pytest.raises(Unreadable, match="not a notebook"):
            handed_in(made)
        return
    back = handed_in(made)
    assert seen(back) == seen(right())
    assert len(json.dumps(back.cells[0])) < 20_000


def test_nothing_of_a_path_below_the_root_may_be_a_link(tmp_path):
    (tmp_path / "real" / "eve").mkdir(parents=True)
    (tmp_path / "real" / "eve" / "a").write_text("x")
    (tmp_path / "root").symlink_to("real")
    (tmp_path / "real" / "mallory").symlink_to("eve")
    (tmp_path / "real" / "eve" / "b").symlink_to("a")
    root = tmp_path / "root"
    assert contents(root / "eve" / "a", root, 1) == b"x"
    for path, id in (
        ("mallory/a", "stands_in_link"),
        ("eve/b", "link"),
        ("eve", "not_a_file"),
        ("eve/a/a", "not_a_folder"),
        ("eve/c", "cannot_open"),
        ("", "not_a_file"),
    ):
        with pytest.raises(Unreadable) as error:
            contents(root / path, root, 1)
        assert error.value.flag.id == id, path
    with pytest.raises(Unreadable, match="larger than"):
        contents(root / "eve" / "a", root, 0)


def test_a_device_and_a_pipe_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (
        tmp_path / "pipe",
        type(tmp_path)("/dev/zero"),
        type(tmp_path)("/dev/full"),
        type(tmp_path)("/"),
    ):
        with pytest.raises(Unreadable, match="is not a file"):
            contents(path, path.parent, SIZE_LIMIT)
