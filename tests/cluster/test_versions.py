"""What two machines must have in common is compared, and what is another there is named."""

from autograder.cluster import versions as module
from autograder.cluster.versions import differences, versions


def test_what_is_another_there_is_named():
    ours = versions()
    assert differences(ours, dict(ours)) == ""
    assert module.NAME in differences(ours, {**ours, module.NAME: "other"})
    assert "torch missing" in differences(ours, {**ours, "torch": ""})
    assert "Python missing" in differences(ours, {})
