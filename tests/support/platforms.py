"""What Canvas and Moodle do with the files that they are given, written from what they say that they do.

Canvas, gradebook import: the first columns are Student, ID and the like up to Section; a column is known by the number
at its end or else by its whole name; what it works out itself is left alone; rows before the students say which
assignments are hidden and what they give; a student is known by the ID. Canvas, re-upload of submissions: two numbers
in a file's name, of the student and of the file; the rest does not count.

Moodle, offline grading worksheet: Identifier, Grade and Last modified (grade) have to be there; an empty grade, a
locked one and one above the maximum are left out. Moodle, feedback files in a zip: the first part of the path that
has a name, a number, and the two words of a plugin.
"""

import csv
import io
import re
import zipfile


def canvas_import(data):
    """The assignments with their points, and the grades that are not empty by ID and assignment."""
    text = data.decode("utf-8-sig")
    commas, semicolons = (len(next(csv.reader([text.splitlines()[0]], delimiter=sign))) for sign in ",;")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if semicolons > commas else ","))
    header = rows[0]
    assert "Student" in header[0]
    assert "ID" in header[1]
    first = header.index("Section") + 1
    totals = re.compile(r"(Current|Final) (Score|Points|Grade)|Override")
    columns = {place: name for place, name in enumerate(header) if place >= first and not totals.search(name)}
    assert len(set(columns.values())) == len(columns)
    points, grades = {}, {}
    for row in rows[1:]:
        assert len(row) == len(header)
        if "Points Possible" in row[0]:
            points = {name: row[place] for place, name in columns.items()}
        elif any(row[:first]):
            for place, name in columns.items():
                if row[place].strip():
                    grades[row[1], name] = as_number(row[place])
    return points, grades


def moodle_import(data):
    """The grades that would be entered, by Moodle's number; it reads what stands before a comma as all there is."""
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    grades = {}
    for row in rows:
        id, grade, most = row["Identifier"], row["Grade"].strip(), row["Maximum Grade"]
        assert row["Last modified (grade)"]
        number = int(id.removeprefix("Participant "))
        if grade and row.get("Grade can be changed", "Yes") == "Yes" and as_number(grade) <= as_number(most):
            grades[number] = as_number(grade)
    return grades


def as_number(text):
    """What stands in a cell: a number where it is one, with a decimal point or comma."""
    return float(text.replace(",", ".")) if re.fullmatch(r"-?\d+([.,]\d+)?", text) else text


def moodle_feedback(data, participants):
    """The files by Moodle's number of the participant, each with its name."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for path in archive.namelist():
            for place, part in enumerate(parts := path.split("/")):
                words = part.split("_", 4)
                if len(words) < 5 or not words[1].isdigit() or int(words[1]) not in participants:
                    continue
                assert words[2:4] == ["assignsubmission", "file"]
                name = "/".join(filter(None, [words[4], *parts[place + 1 :]]))
                found.setdefault(int(words[1]), {})[name] = archive.read(path)
                break
    return found


def canvas_feedback(data, attachments):
    """The files by Canvas's number of the student.

    Args:
        attachments: the number of the file that each student handed in, by the student's number.
    """
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for path in archive.namelist():
            words = [word for word in path.rpartition("/")[2].split("_") if word != "LATE"]
            user, attachment = [int(word) for word in words if word.isdigit()][:2]
            if attachments.get(user) == attachment:
                found[user] = archive.read(path)
    return found
