"""What is seen of a text that somebody else wrote is all that there is of it."""

import pytest

from course.printable import is_plain_name, printable

SEEN = {
    "a\x1b[2K\x1b[1Ab": r"a\x1b[2K\x1b[1Ab",
    "\x9b2J": r"\x9b2J",
    "one\ntwo\r\tthree": r"one\ntwo\r\tthree",
    "a\u2028b\u2029": r"a\u2028b\u2029",
    "\u202egpj.exe\u2066": r"\u202egpj.exe\u2066",
    "\ufeffa\u2060b\u200b\U000e0041": r"\ufeffa\u2060b\u200b\U000e0041",
    "x\udcff": r"x\udcff",
}
UNCHANGED = ("", "Zoë O'Neil, Jr", "نمی\u200cکنم", "क्\u200dष", "a\\nb", "日本語 🦀", "x²·½", "<b>&amp;")


@pytest.mark.parametrize(("text", "seen"), SEEN.items(), ids=map(ascii, SEEN))
def test_what_is_not_seen_is_written_out(text, seen):
    assert printable(text) == seen
    assert printable(seen) == seen


@pytest.mark.parametrize("text", UNCHANGED)
def test_what_is_seen_stays(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    "name",
    (
        "=1+cmd|calc",
        "+1",
        "-1",
        "@x",
        "",
        "  ",
        "a\nb",
        "a\x1b[2J",
        "\u202ea",
        "\udcff",
        "<img src=x onerror=alert(1)>",
        'a" onclick="b',
    ),
)
def test_a_name_that_would_do_something_is_no_plain_name(name):
    assert not is_plain_name(name)


@pytest.mark.parametrize("name", ("Zoë O'Neil, Jr", "a=b", "..x", "[a-z]*", "نمی\u200cکنم", "eve$\\foo{$"))
def test_a_name_is_one_whatever_it_is_written_with(name):
    assert is_plain_name(name)
