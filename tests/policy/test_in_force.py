"""What is in force of a policy, where two runs write down theirs of different lessons."""

from autograder.policy.in_force import NAME, InForce


def test_what_another_run_wrote_of_another_lesson_stays(tmp_path):
    one, other = InForce(tmp_path), InForce(tmp_path)
    one.lesson("05_adam").points = True
    other.lesson("06_lr_decay").due = [None]
    one.write()
    other.write()
    found = InForce(tmp_path)
    assert (found.lesson("05_adam").points, found.lesson("06_lr_decay").due) == (True, [None])
    one.lesson("05_adam").points = False
    one.write()
    assert InForce(tmp_path).lesson("06_lr_decay").due == [None]
    other.lesson("06_lr_decay").due = []
    other.write()
    assert not (tmp_path / NAME).exists()
