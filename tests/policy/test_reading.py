"""What policy.toml says, and the one sentence that each fault in it gets."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from autograder.catalogue.lesson import find
from autograder.errors import DescentError
from autograder.policy import reading
from autograder.policy.example import EXAMPLE
from autograder.policy.terms import Amount, Late, Policy, Worth

LESSONS = [find("05_adam"), find("06_lr_decay")]
ADAM = {exercise.id: exercise for exercise in LESSONS[0].exercises}
STUDENTS = ("anna", "ben", "carla", "dora")
DUE = "[lessons.05_adam]\ndue = 2026-02-01T23:59:00\n"
BERLIN = 'zone = "Europe/Berlin"\n'


@pytest.fixture
def read(tmp_path):
    """Reads a text as the policy."""

    def of(text):
        path = tmp_path / "policy.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return reading.read(path, LESSONS, STUDENTS)

    return of


def test_no_file_and_the_example_as_it_is_say_nothing(read, tmp_path):
    assert reading.read(tmp_path / "none.toml", LESSONS, STUDENTS) == Policy() == read(EXAMPLE) == read("")


def test_every_setting_of_the_example_is_one(read):
    whole = re.sub(r"^#(?=[a-z\[])", "", EXAMPLE, flags=re.MULTILINE)
    terms = read(whole).terms("05_adam")
    assert terms.due.astimezone(UTC) == datetime(2026, 2, 1, 22, 59, tzinfo=UTC)
    assert {name: terms.extension(name) for name in STUDENTS} == {
        **dict.fromkeys(("anna", "ben", "carla"), timedelta(days=3)),
        "dora": None,
    }
    assert terms.late == Late(per=Amount(0.25), unit="hour", cap=Amount(3.0))
    worths = {name: terms.worth(exercise) for name, exercise in ADAM.items()}
    assert worths == {
        "adam_update": Worth(5.0, 5.0),
        "Adam": Worth(2.0, 2.0),
        "AdamW": Worth(0.0, 0.0),
        "amsgrad_update": Worth(1.5, 0.0),
    }
    everybodys = read(whole).terms("06_lr_decay").late
    minutes, week = timedelta(minutes=15), timedelta(days=7)
    assert everybodys == Late(minutes, Amount(0.1, True), "day", Amount(0.5, True), week)


def test_an_empty_late_table_frees_a_lesson_of_what_holds_for_all(read):
    policy = read('[late]\nzero_after = "1 h"\n[lessons.05_adam]\nlate = {}\n')
    assert policy.terms("05_adam").late == Late()
    assert policy.terms("06_lr_decay").late == Late(zero_after=timedelta(hours=1))


def test_of_several_extensions_the_longest_holds_and_those_for_all_are_for_what_is_due(read):
    entry = '[[extensions]]\nstudents = ["anna"]\n'
    policy = read(f'{BERLIN}{DUE}{entry}by = "2 days"\n{entry}until = 2026-02-02T12:00:00Z\n')
    assert policy.terms("05_adam").extension("anna") == timedelta(days=2)
    assert policy.terms("06_lr_decay").extensions == {}


FAULTS = {
    "not TOML": ("[late\n", r"policy.toml is not TOML: .*line 1.*\. Mend that line\."),
    "twice": ("zone = 'UTC'\nzone = 'UTC'\n", r"policy.toml is not TOML: .*\. Mend that line\."),
    "not text": (b"\xff\xfe", r"policy.toml is not text in UTF-8: save it as such\."),
    "unknown setting": (
        "[late]\ngrase = '1 h'",
        r'late: there is no setting "grase"; did you mean "grace"\?',
    ),
    "nothing near": ("colour = 1", r'there is no setting "colour": there are zone, late, .*\.'),
    "number for text": ("zone = 1", r"zone: it should be a text in quotes.*, not 1\."),
    "text for table": ("late = 'no'", r'late: it should be a table, .*, not "no"\.'),
    "text for list": (
        "[groups]\na = 'anna'",
        r'groups\.a: it should be a list in brackets, .*, not "anna"\.',
    ),
    "quoted date": (
        "[lessons.05_adam]\ndue = '2026-02-01'",
        r"due: it should be a date with its time and without quotes",
    ),
    "day alone": (
        "[lessons.05_adam]\ndue = 2026-02-01",
        r"due: it should be a date with its time .*, not 2026-02-01\.",
    ),
    "no zone": (
        DUE,
        r'lessons\.05_adam\.due: 2026-02-01 23:59:00 has no time zone: add zone = "Europe/Berlin"',
    ),
    "unknown zone": (
        "zone = 'Europe/Berln'",
        r'there is no time zone "Europe/Berln"; did you mean "Europe/Berlin"\?',
    ),
    "hostile zone": ("zone = '../../etc/passwd'", r'there is no time zone "\.\./\.\./etc/passwd"\.'),
    "no such hour": (
        f"{BERLIN}[lessons.05_adam]\ndue = 2026-03-29T02:30:00",
        r"2026-03-29 02:30:00 is a time that clocks leave out in Europe/Berlin: take another\.",
    ),
    "unknown lesson": ("[lessons.05_adm]", r'lessons: there is no lesson "05_adm"; did you mean "05_adam"\?'),
    "unknown exercise": (
        "[lessons.05_adam]\nexcluded = ['Adm']",
        r'lessons\.05_adam\.excluded: there is no exercise "Adm"; did you mean "Adam"\?',
    ),
    "unknown student": (
        f"{BERLIN}{DUE}[[extensions]]\nstudents = ['ana']\nby = '1 day'",
        r'extensions\[1\]\.students: there is no student "ana"; did you mean "anna"\?',
    ),
    "nobody": (
        "[groups]\nlate = ['zz']",
        r'groups\.late: there is no student "zz": mend the name, or enter the class with .*\.',
    ),
    "unknown group": (
        f"{BERLIN}{DUE}[[extensions]]\ngroups = ['x']\nby = '1 day'",
        r'extensions\[1\]\.groups: there is no group "x"\.',
    ),
    "nobody's": (f"{BERLIN}{DUE}[[extensions]]\nby = '1 day'", r"extensions\[1\]: it is nobody's: say whose"),
    "negative points": (
        "[lessons.05_adam.points]\nAdam = -1",
        r"points\.Adam: it should be more than 0 and up to 100000 points, not -1",
    ),
    "no points": ("[lessons.05_adam.points]\nAdam = 0", r"what counts for nobody is named in `excluded`\."),
    "infinite points": (
        "[lessons.05_adam.points]\nAdam = inf",
        r"it should be more than 0 and up to 100000 points, not inf",
    ),
    "true points": ("[lessons.05_adam.points]\nAdam = true", r"it should be a number of points, not true\."),
    "negative late": (
        "[late]\nper_day = -0.5",
        r"late\.per_day: it should be from 0 to 100000 points, not -0\.5\.",
    ),
    "a bare share": ("[late]\nper_day = 'ten'", r'a share, such as "10 %", not "ten"\.'),
    "too much": ("[late]\nper_day = '110 %'", r'it should be no more than "100 %", not "110 %"\.'),
    "a bare time": ("[late]\ngrace = 3", r'grace: it should be a time such as "15 minutes", .*, not 3\.'),
    "a negative time": (
        "[late]\ngrace = '-3 days'",
        r'grace: it should be a time such as .*, not "-3 days"\.',
    ),
    "a long time": ("[late]\nzero_after = '99999999 weeks'", r"zero_after: it is longer than ten years\."),
    "of what": ("[late]\nper_day = 1\nof = 'all'", r'of: it should be "maximum" or "reached", not "all"\.'),
    "nothing off": (
        "[late]\ngrace = '1 h'",
        r"late: nothing is taken off: add per_day, per_hour or zero_after\.",
    ),
    "a lone cap": (
        "[late]\ncap = 1\nzero_after = '1 h'",
        r"late: cap is the most that per_day or per_hour takes",
    ),
    "both": ("[late]\nper_hour = 1\nper_day = 1", r"per_hour and per_day are both there: leave one\."),
    "short": (
        "[late]\ngrace = '2 h'\nzero_after = '1 h'",
        r"zero_after ends before grace does: make it longer\.",
    ),
    "in two lists": (
        "[lessons.05_adam]\nexcluded = ['Adam']\nextra = ['Adam']",
        r"Adam is named in `excluded` and in `extra`: leave one\.",
    ),
    "nothing left": (
        f"[lessons.05_adam]\nextra = {list(ADAM)}",
        r"lessons\.05_adam: no exercise is left that gives points: leave one\.",
    ),
    "not due": (
        "[[extensions]]\nstudents = ['anna']\nby = '1 day'",
        r"no lesson has a due date: give it one",
    ),
    "that is not due": (
        f"{BERLIN}{DUE}[[extensions]]\nstudents = ['anna']\nlessons = ['06_lr_decay']\nby = '1 day'",
        r"06_lr_decay has no due date: add due = \.\.\. to \[lessons\.06_lr_decay\]\.",
    ),
    "too early": (
        f"{BERLIN}{DUE}[[extensions]]\nstudents = ['anna']\nuntil = 2026-01-01T00:00:00",
        r"extensions\[1\]: it ends before 05_adam is due: take a later time\.",
    ),
    "how long": (
        f"{BERLIN}{DUE}[[extensions]]\nstudents = ['anna']",
        r'extensions\[1\]: say either how long, by = "3 days", or until = ',
    ),
    "so many": (f"[late]\nper_day = 1{'0' * 400}", r"it should be from 0 to 100000 points, not 10"),
    "many more": (f"[late]\nper_day = 1{'0' * 9000}", r"policy.toml is not TOML: "),
    "long ago": (f"{BERLIN}[lessons.05_adam]\ndue = 0001-01-01T00:00:00+14:00", r"mend the year\."),
    "hidden marks": ('"\\u202ezone" = 1', r'there is no setting "\\u202ezone": there are zone, '),
    "deep": ("a = " + "[" * 5000, r"policy.toml is not TOML: "),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_one_sentence_that_says_where_and_what(read, name):
    text, sentence = FAULTS[name]
    with pytest.raises(DescentError, match=sentence) as found:
        read(text)
    assert str(found.value).startswith("policy.toml")
    assert str(found.value)[-1] in ".?"
    assert "\n" not in str(found.value)


def test_every_fault_is_told_at_once(read):
    with pytest.raises(DescentError) as found:
        read("[late]\ngrase = 1\nper_day = 'x'\n[lessons.05_adam]\ndue = 1\n")
    assert len(str(found.value).splitlines()) == 3
