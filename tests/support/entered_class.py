"""A class whose points are entered through nbgrader's own API, as a grader and as formgrader enter them."""

from autograder.catalogue.lesson import find
from autograder.grade.folder import CourseFolder

ADAM, DECAY = find("05_adam"), find("06_lr_decay")
# What each got for the exercises of lesson 05 in their order, of 2.5, 3.5, 2.5 and 1.5; None waits for a person.
POINTS = {
    "ann": (2.5, 3.5, 2.5, 1.5),
    "bob": (2.5, 3.5, 1.125, 0.0),
    "emil": (2.5, 3.5, None, 1.5),
    "fred": (2.5, 3.5, 2.5, 0.5),
    "hugo": (2.5, 3.5, 2.5, 0.5),
    "zoé": (0.0, 0.0, 0.0, 0.0),
}
PEOPLE = {
    "ann": ("Ann", "Able", "ann@x.org", "101"),
    "bob": ("Bob", "Müller", "bob@x.org", "102"),
    "carl": ("Carl", "Cole", "carl@x.org", "103"),
    "dora": ("Dora", "Dean", "dora@x.org", "104"),
    "emil": ("Emil", "Eder", "emil@x.org", "105"),
    "fred": ("Fred", "Falk", "fred@x.org", "106"),
    "hugo": ("Hugo", "Hall", "hugo@x.org", "107"),
    "zoé": ("=Zoé", "Zorn", "zoe@x.org", "108"),
}


def entered_class(path):
    """A folder with the class: Carl's submission is not graded, Dora handed in nothing, Hugo was late.

    Fred got all points of the last exercise and one of extra credit from a person. Ann alone has lesson 06.
    """
    folder = CourseFolder(path)
    folder.setup([ADAM, DECAY])
    with folder.open() as gradebook:
        for student, (first, last, email, number) in PEOPLE.items():
            gradebook.update_or_create_student(
                student, first_name=first, last_name=last, email=email, lms_user_id=number
            )
        for student, points in POINTS.items():
            enter(gradebook, student, ADAM, points)
        enter(gradebook, "ann", DECAY, [exercise.points for exercise in DECAY.exercises])
        grade = gradebook.find_grade("check_amsgrad_update", ADAM.name, ADAM.name, "fred")
        grade.manual_score, grade.extra_credit = 1.5, 1.0
        gradebook.find_submission(ADAM.name, "hugo").notebooks[0].late_submission_penalty = 2.0
        gradebook.db.commit()
    for student in (*POINTS, "carl"):
        folder.submit(student, ADAM, "{}")
    folder.submit("ann", DECAY, "{}")
    return folder


def enter(gradebook, student, lesson, points):
    """Enter a submission and the grader's points for each exercise, in the order of the lesson."""
    submission = gradebook.update_or_create_submission(lesson.name, student)
    grades = {grade.name: grade for grade in submission.notebooks[0].grades}
    for exercise, score in zip(lesson.exercises, points, strict=True):
        grade = grades[f"check_{exercise.id}"]
        grade.auto_score, grade.needs_manual_grade = score, score is None
    gradebook.db.commit()
