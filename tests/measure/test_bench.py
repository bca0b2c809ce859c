"""The comparison with stock nbgrader, run for real on the smallest class."""

from autograder.catalogue.lesson import find
from autograder.measure.bench import bench


def test_both_grade_the_same_class_and_ours_is_the_faster(capfd):
    said = []
    found = bench(find("02_ema"), 3, 2, said.append, rounds=1, sizes=(2, 3))
    for compared in (found, found["as_handed_in"]):
        assert compared["stock_s"] > compared["descent_s"] > 0
        assert compared["ratio"] > 1
    assert list(found["cost"]) == ["2", "3"]
    assert set(found["endless_loops"]) == {"alone_s", "together_s", "ratio"}
    assert found["peak_memory_mb"] > 100
    assert len(said) == 9
    assert "Traceback" not in capfd.readouterr().err
