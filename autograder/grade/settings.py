"""The settings of a course folder, read as nbgrader reads them."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path

from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from traitlets.config import Application
from traitlets.config.loader import ConfigFileNotFound

from autograder.errors import DescentError
from autograder.machine.whole import put_whole
from course.cells import EXPERIMENT

COURSE_ID = "descent"
# SQLAlchemy's own choice for postgresql:// changes with its version.
POSTGRESQL = "postgresql+psycopg2"
SETTINGS = "nbgrader_config.py"
# By name: what nbgrader needs of it is loaded when it is asked to grade.
TO_DESCENT = "autograder.grade.from_nbgrader.ToDescent"
SEND_TO_DESCENT = f'c.Autograde.exporter_class = c.GenerateFeedback.exporter_class = "{TO_DESCENT}"'
CONFIG = f'''"""Settings of nbgrader for this course folder."""

from nbgrader.converters import GenerateAssignment

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "{COURSE_ID}"
# `nbgrader generate_assignment` puts in place of an answer what Descent does: which exercise waits.
c.GenerateAssignment.preprocessors = [
    "autograder.build.stubs.NamedStubs" if step.__name__ == "ClearSolutions" else step
    for step in GenerateAssignment.preprocessors.default()
]
# `nbgrader autograde`, `nbgrader generate_feedback` and formgrader's buttons call `autograder grade`:
# students' code runs in its sandbox alone.
{SEND_TO_DESCENT}
# Validate runs no experiments, as grading does.
c.Validator.Execute.skip_cells_with_tag = "{EXPERIMENT}"
'''


class _Reader(NbGrader):
    """nbgrader's application, for its settings alone: it is given no command and does no work."""

    # Those of the working directory are another course's.
    load_cwd_config = False
    raise_config_file_errors = True

    def load_folder(self, folder: Path) -> None:
        with contextlib.suppress(ConfigFileNotFound):
            Application.load_config_file(self, SETTINGS, path=str(folder))


def course_directory(path: Path) -> CourseDirectory:
    """nbgrader's own class of directories and database, with all that is set for the folder.

    Args:
        path: the folder, which is the root whatever the settings say.

    Returns:
        It holds as ``config`` the settings of nbgrader's other classes. Its ``db_url`` is complete.

    Raises:
        DescentError: the settings can't be read; the sentence says why.
    """
    silent = logging.Logger("nbgrader", logging.CRITICAL + 1)
    reader = _Reader(log=silent)
    with _read("nbgrader's settings of this machine and user"):
        reader.load_config_file()
    with _read(f"The settings in {path / SETTINGS}"):
        reader.load_folder(path)
        config = reader.config
        config.CourseDirectory.root = str(path)
        directory = CourseDirectory(config=config, log=silent)
        directory.course_id = config.CourseDirectory.course_id = directory.course_id or COURSE_ID
        directory.db_url = config.CourseDirectory.db_url = _absolute(directory.db_url, path)
    return directory


@contextlib.contextmanager
def _read(which: str) -> Iterator[None]:
    try:
        yield
    except (Exception, SystemExit) as error:  # settings are Python: anything can go wrong in them
        said = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise DescentError(f"{which} can't be read ({said}): mend them.") from error


def choose_database(path: Path, said: str) -> None:
    """Write the settings of a new folder whose gradebook is on PostgreSQL; the same again changes nothing.

    Raises:
        DescentError: it is no such address, or the folder has settings that say otherwise.
    """
    try:
        url = _with_driver(make_url(said))
    except ArgumentError:
        url = None
    if url is None or url.drivername != POSTGRESQL or not url.database:
        raise DescentError("--database takes an address like postgresql://USER@HOST/NAME.")
    settings, address = path / SETTINGS, url.render_as_string(hide_password=False)
    if settings.exists():
        if course_directory(path).db_url != address:
            raise DescentError(
                f"{settings} is there already: set c.CourseDirectory.db_url in it, and run setup without "
                "--database."
            )
        return
    path.mkdir(parents=True, exist_ok=True)
    text = f"{CONFIG}# The gradebook's database.\nc.CourseDirectory.db_url = {json.dumps(address)}\n"
    put_whole(settings, text.encode(), 0o600 if url.password else None)


def _with_driver(url: URL) -> URL:
    return url.set(drivername=POSTGRESQL) if url.drivername in ("postgres", "postgresql") else url


def _absolute(db_url: str, root: Path) -> str:
    """The address with the driver that nbgrader works with, or with the whole path of the file.

    nbgrader works in the folder: that is where it finds the file of a relative address.
    """
    url = _with_driver(make_url(db_url))
    if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith((":", "file:")):
        url = url.set(database=str(root / url.database))
    return url.render_as_string(hide_password=False)
