"""A lesson's page: its executed notebook, with exercises and cards in the place of solutions."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode
from PIL import Image

from autograder.book import asked, cards
from autograder.book.moving import Place
from autograder.catalogue.lesson import Lesson, LessonError
from course.cells import CHECK, grade_id
from course.questions import predictions, questions

# Cells that do something in a notebook, and have nothing to show on a page.
LEFT_OUT = {"course_is_installed", "hand_in"}
HANDING_IN = "## Ready to hand in?"
# Of given code: what is longer is folded away.
LINES = 12
# What sliders and moving figures say of themselves where nothing moves.
STILL = "open this notebook in JupyterLab and run this cell"
HOW_TO_ANSWER = "Put your answer in place of the dots and run the cell. "


@dataclass
class LessonPage:
    """What Sphinx makes a lesson's page of.

    Attributes:
        lesson: with both of its notebooks built.
        places: the moving figures that go into it.
        pictures: by file name, the figures that stand beside the page.
    """

    lesson: Lesson
    places: Sequence[Place] = ()
    pictures: dict[str, bytes] = field(default_factory=dict)

    def notebook(self) -> NotebookNode:
        """The page as a notebook for MyST-NB, which runs nothing; fills ``pictures`` too.

        Raises:
            LessonError: a notebook is not built, or a moving figure has no cell to follow.
        """
        executed = nbformat.read(self.lesson.notebook_path, as_version=4)
        students = self.lesson.student_notebook()
        self._guesses = {each.id: each for each in predictions(self.lesson.name)}
        self._questions = {each.id: each for each in questions(self.lesson.name)}
        self._waiting: list[str] = []
        self._points = self.lesson.points()
        self._placed: set[str] = set()
        page = nbformat.v4.new_notebook(metadata={"kernelspec": dict(executed.metadata.kernelspec)})
        page.metadata.language_info = executed.metadata.language_info
        for run, given in zip(executed.cells, students.cells, strict=True):
            page.cells += self._cells(run, given)
        page.cells.append(_markdown(self._download()))
        for number, cell in enumerate(page.cells):
            cell.id = f"cell-{number}"
        if missing := {place.after for place in self.places} - self._placed:
            raise LessonError(
                f"book/moving.toml: {self.lesson.name} has no cell {', '.join(sorted(missing))} for a figure."
            )
        return page

    def _cells(self, run: NotebookNode, given: NotebookNode) -> Iterator[NotebookNode]:
        name = grade_id(run)
        if name in LEFT_OUT or run.source.startswith(HANDING_IN):
            return
        if run.cell_type == "markdown":
            yield _markdown(run.source.replace(HOW_TO_ANSWER, ""))
        elif found := asked.PREDICT.fullmatch(run.source):
            self._waiting.append(found[1])
            yield _markdown(asked.prediction(self._guesses[found[1]]))
        elif found := asked.QUIZ.fullmatch(run.source):
            yield _markdown(asked.question(self._questions[found[1]]))
        elif name in self._points:
            yield _markdown(f'<div id="{name}"></div>')
            yield _code(given.source)
        elif name.removeprefix(CHECK) in self._points:
            yield _code(run.source)
            yield _markdown(self._card(name.removeprefix(CHECK)))
        else:
            outputs = [self._output(each, name or run.id, at) for at, each in enumerate(run.outputs)]
            yield _code(run.source, outputs, folded=len(run.source.splitlines()) > LINES)
        for place in self.places:
            if place.after in (name, run.id):
                self._placed.add(place.after)
                yield _markdown(place.html())

    def _card(self, exercise: str) -> str:
        mistake = cards.typical(self.lesson, exercise)
        # Its links lead to cells of a notebook: here to the same on the page.
        shown = cards.card(self.lesson, mistake).replace('href="#cell-id=', 'href="#')
        said = html.escape(mistake.misconception.name)
        return f'<div class="card-of"><p>What a typical mistake gets: {said}.</p>{shown}</div>'

    def _output(self, output: NotebookNode, cell: str, at: int) -> NotebookNode:
        """An output as the page shows it: a picture is a file, and a sentence below it knows its guess."""
        data = output.get("data", {})
        if "image/png" in data:
            return _html(self._picture(data["image/png"], output.metadata["image/png"], f"{cell}-{at}"))
        text = data.get("text/plain", "")
        if found := asked.REVEALED.fullmatch(text):
            return _html(asked.revealed(self._guess(found[1]), found[1]))
        if STILL in text:
            what = text.partition(f": {STILL}")[0]
            return _html(f'<p class="still">{html.escape(what)}: in the notebook, in JupyterLab.</p>')
        return output

    def _guess(self, found: str) -> asked.Prediction:
        """The prediction, of those not yet revealed, that this was asked by: the first with this answer."""
        waiting = [self._guesses[id] for id in self._waiting]
        fitting = [each for each in waiting if each.said(each.answer) == found] or waiting
        if not fitting:
            raise LessonError(f'solutions/{self.lesson.name}.ipynb: "It is {found}." answers no prediction.')
        self._waiting.remove(fitting[0].id)
        return fitting[0]

    def _picture(self, packed: str, said: NotebookNode, name: str) -> str:
        file = f"{self.lesson.name}_{name}.png"
        self.pictures[file] = base64.b64decode(packed)
        with Image.open(io.BytesIO(self.pictures[file])) as picture:
            height = round(picture.height * said["width"] / picture.width)
        return (
            f'<img class="figure" loading="lazy" alt="{html.escape(said["alt"])}" '
            f'width="{said["width"]}" height="{height}" src="{file}">'
        )

    def _download(self) -> str:
        file = f"{self.lesson.name}.ipynb"
        return (
            "## Do it\n\n"
            "Reading is half of it. In the notebook you write the exercises, and the check below each "
            "compares every step of yours with PyTorch.\n\n"
            f'<p><a class="notebook" href="{file}" download>The notebook of this lesson, {file}</a></p>\n\n'
            "It needs the course, which [two commands](../index.md#two-commands) install."
        )


def _markdown(text: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(text)


def _code(source: str, outputs: Sequence[NotebookNode] = (), folded: bool = False) -> NotebookNode:
    tags = ["hide-input"] if folded else []
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": tags} if tags else {})


def _html(text: str) -> NotebookNode:
    return nbformat.v4.new_output("display_data", {"text/html": text})
