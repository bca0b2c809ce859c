"""nbgrader's converters, run without its log; what it says of a failure is one line."""

from __future__ import annotations

import io
import logging

from nbgrader.converters.base import BaseConverter, NbGraderException


class ConversionError(Exception):
    """A converter could not do its work; the text says what nbgrader says of it, to follow a colon."""


def convert(converter: BaseConverter) -> None:
    """Run a converter with its preprocessors; raises ConversionError.

    Not to be called from two threads at once: nbgrader changes the working directory meanwhile.
    """
    said = io.StringIO()
    # Not the loggers' tree: whoever listens there has no use for a line a step.
    log = logging.Logger("nbgrader")
    log.addHandler(logging.StreamHandler(said))
    converter.log = converter.coursedir.log = log
    try:
        converter.start()
    except NbGraderException as error:
        # nbgrader only logs the cause: the last line of the traceback.
        causes = [line for line in said.getvalue().splitlines() if "Error: " in line]
        reason = causes[-1].partition("Error: ")[2] if causes else " ".join(str(error).split())
        raise ConversionError(reason) from error
