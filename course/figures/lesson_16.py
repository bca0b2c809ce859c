"""The figures of lesson 16, recipes."""

from __future__ import annotations

from course.measured import measured

LESSON = "16_recipes"
COLUMNS = ("update", "plan", "lr", "loss", "norm", "moved")


def broken_runs() -> None:
    """The logs of a right run, and of five that have one mistake each, as text."""
    stored = measured(LESSON)
    for name, log in zip(("right", *"ABCDE"), stored["logs"], strict=True):
        print(f"run {name}")
        print("".join(f"{column:>9}" for column in COLUMNS))
        for update, (plan, (loss, norm, lr, moved)) in enumerate(
            zip(stored["rates"], log, strict=True), start=1
        ):
            print(f"{update:9}{plan:9.1f}{lr:9.1f}{loss:9.3f}{norm:9.3f}{moved:9.3f}")
        print()
