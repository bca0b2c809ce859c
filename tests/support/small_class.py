"""A small class of lesson 05, handed in and graded: right, wrong, untouched, broken, renamed, late."""

import shutil

import nbformat

from autograder.catalogue.answers import misconceptions
from autograder.catalogue.lesson import find
from autograder.catalogue.sample import answered, right_answers
from autograder.grade import feedback
from autograder.grade.class_run import ClassRun
from autograder.grade.folder import CourseFolder
from autograder.grade.grade_class import grade_class
from autograder.grade.marks import class_marks
from autograder.judge.grader import Grader
from course.cells import EXPERIMENT

LESSON = find("05_adam")
WRONG = misconceptions(LESSON, "AdamW")[0]
# Submissions on which stock nbgrader is right.
HONEST = {
    "right": answered(LESSON, next(right_answers(LESSON))),
    "wrong": answered(LESSON, {"AdamW": WRONG.code(LESSON.solutions()["AdamW"])}),
    "untouched": LESSON.student_notebook(),
}
BROKEN = {"O'Neil, Jr": "not a notebook", "zoé": answered(LESSON, {"adam_update": "1 / 0"})}


def submit(folder, student, notebook, name=None):
    """Hand in a notebook, or a text that is none; returns the student's folder."""
    text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
    return folder.submit(student, LESSON, text, name).parent


def grade(folder, seed=11, force=False, workers=2):
    """The judgements of what was graded, by student."""
    grader = Grader(seed, hidden=folder.hidden(), handed_out={LESSON.name: folder.student_notebook(LESSON)})
    run = ClassRun(folder, LESSON, grader, force)
    return {graded.student: graded.judgement for graded in run.run(workers)}


def judged_marks(folder):
    """The marks of those who have a judgement, by student."""
    marks = class_marks(folder, [LESSON]).lessons[LESSON.name]
    return {mark.student: mark for mark, _, _ in marks.judged}


def graded_with(path, seed):
    """What came of grading the lesson in the folder at ``path``; a process of its own can be asked for it."""
    return list(grade_class(CourseFolder(path), [LESSON], seed=seed))


def graded_class(path):
    """A folder with the class, graded, and the judgements by student."""
    folder = CourseFolder(path)
    folder.setup([LESSON])
    for student, notebook in {**HONEST, **BROKEN}.items():
        submit(folder, student, notebook)
    submit(folder, "renamed", answered(LESSON, {}), "my homework.ipynb")
    late = submit(folder, "late", answered(LESSON, {}))
    (late / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC")
    done = grade(folder)
    pages = feedback.write(folder, LESSON, feedback.stale(folder, LESSON), 2)
    assert {tried.student: tried.problem for tried in pages} == dict.fromkeys(done, "")
    return folder, done


def copy_of(folder, place):
    """The same folder somewhere else, to change."""
    return CourseFolder(shutil.copytree(folder.path, place / "gradebook"))


def without_experiments(notebook):
    """Stock nbgrader runs every cell; the experiments take most of the time and give no points."""
    kept = [cell for cell in notebook.cells if EXPERIMENT not in cell.metadata.get("tags", [])]
    return nbformat.from_dict({**notebook, "cells": kept})
