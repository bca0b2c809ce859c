"""nbgrader's own commands and formgrader's buttons in a course folder, sent to Descent.

So students' code runs in the sandbox alone, whichever button is pressed, and pages are Descent's. The
folder's ``nbgrader_config.py`` names the class as the exporter of two of nbgrader's converters: that is what
a converter makes before it touches a file, and the one part of it that settings can replace.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException

EVERYBODY = "*"


class ToDescent(NotebookExporter):
    """Has ``autograder grade`` do the work of the converter that makes it, and leaves that none.

    Raises:
        NbGraderException: it could not be done; the sentence says why.
    """

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        if isinstance(self.parent, BaseConverter):
            _hand_over(self.parent)


def _hand_over(converter: BaseConverter) -> None:
    directory = converter.coursedir
    command = [sys.executable, "-P", "-m", "autograder", "grade", directory.assignment_id]
    command += ["--gradebook", directory.root]
    if directory.student_id != EVERYBODY:
        command += [f"--student={student}" for student in _students(converter)]
    if converter.force and isinstance(converter, Autograde):
        command.append("--force")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.split()) or "`autograder grade` ended without a word."
        converter.log.error(said)
        raise NbGraderException(said)
    converter.log.info("Done by Descent:\n%s", done.stdout)
    converter.assignments = {}


def _students(converter: BaseConverter) -> list[str]:
    """Whom the converter was told to look at, from the folders that it found."""
    pattern = converter._format_source(converter.coursedir.assignment_id, "(?P<student>.*)", escape=True)
    matches = (re.fullmatch(pattern, os.path.normpath(folder)) for folder in converter.assignments)
    return [match["student"] for match in matches if match]
