"""An answer with one function exchanged does what the whole text would do."""

import pytest

from course.repair.built import Built
from course.repair.reached import never_reached, traced

COUNTER = """class Counter:
    def __init__(self, start=1):
        self.count = start

    def next(self, by=2):
        if by < 0:
            raise ValueError
        self.count += by
        return self.count
"""


def changed(source, name, old, new):
    assert source.count(old) == 1
    built = Built(source, {}, name)
    text = source.replace(old, new)
    return built, built.with_text(text, built.lines_changed(text))


def test_only_what_is_changed_is_made_and_then_it_is_as_before():
    built, made = changed(COUNTER, "Counter", "self.count += by", "self.count -= by")
    assert made is built.made
    assert made().next() == -1
    built.with_text(COUNTER, built.lines_changed(COUNTER))
    assert built.made().next() == 3


def test_defaults_are_those_of_the_changed_text():
    _, made = changed(COUNTER, "Counter", "start=1", "start=7")
    assert made().next() == 9
    _, made = changed("def f(x, y=2):\n    return x * y\n", "f", "y=2", "y=5")
    assert made(2) == 10


def test_what_is_set_on_a_class_is_gone_with_the_next_text():
    built, made = changed(COUNTER, "Counter", "self.count = start", "type(self).count = start")
    assert made().next() == 3
    text = COUNTER.replace("+= by", "*= by")
    assert not hasattr(built.with_text(text, built.lines_changed(text)), "count")


@pytest.mark.parametrize(
    "source",
    [
        "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)\n",
        "def f(x, seen=[]):\n    seen.append(x)\n    return len(seen)\n",
        "count = 0\ndef f(x):\n    global count\n    count += 1\n    return count + 0 * len(str(x))\n",
    ],
)
def test_what_an_answer_remembers_it_has_forgotten_with_the_next_text(source):
    built = Built(source, {}, "f")
    assert built.made(1) == 1
    text = source.replace("len(s", "1 * len(s")
    assert built.with_text(text, built.lines_changed(text))(1) == 1


def test_the_lines_that_a_text_has_otherwise():
    built = Built(COUNTER, {}, "Counter")
    lines = COUNTER.splitlines(keepends=True)
    assert built.lines_changed(COUNTER.replace("+= by", "-= by")) == (8, 8)
    assert built.lines_changed("".join([*lines[:5], "        pass\n", *lines[5:]])) == (6, 6)
    assert built.lines_changed("".join([*lines[:5], lines[7], lines[5], lines[6], *lines[8:]])) == (6, 8)


def test_the_lines_of_statements_that_did_not_run():
    built = Built(COUNTER, {}, "Counter")
    with traced("<Counter>") as ran:
        built.made().next()
    assert never_reached(COUNTER, ran) == {7}
