"""What platforms give of a small class: zips, a roster, a worksheet."""

from corpus.archives import zipped

from autograder.catalogue.lesson import find

LESSON, OTHER = find("05_adam"), find("04_rmsprop")
GIVEN = LESSON.student_path.read_bytes()
ROSTER = """student,name,email,lms_id
jane,"Doe, Jane",jane@example.org,101
jm,Jürgen Müller,,102
bob,Bob O'Neil,,103
zoe,Zoë Li,,104
lazy,Lazy Bones,,105
"""
SHEET = """Identifier,"Full name","Email address","Last modified (submission)"
"Participant 11","Jane Doe",jane@example.org,"Monday, 2 February 2026, 11:59 PM"
"Participant 12","Jürgen Müller",,"Tuesday, 3 February 2026, 8:00 AM"
"""


def version(number):
    """The lesson as one student has it, at one time."""
    return GIVEN + b"\n" * number


def moodle(**more):
    """Moodle's zip; ``more`` is by what Jane's file is called."""
    jane = {f"Jane Doe_11_assignsubmission_file_/{name}.ipynb": data for name, data in more.items()}
    return zipped(
        {
            **(jane or {"Jane Doe_11_assignsubmission_file_/05_adam.ipynb": version(1)}),
            "Jürgen Müller_12_assignsubmission_file_/my work (1).ipynb": version(2),
            "Bob ONeil_13_assignsubmission_file_/Zoë's.zip": zipped({"a/b/05_adam.ipynb": version(3)}),
        }
    )


def canvas(**files):
    return zipped({f"{name}.ipynb": data for name, data in files.items()})
