"""Whatever ends or stands still while a class is graded: the gradebook is the undisturbed one.

``STUDENTS=200 FAULTS=10 SEED=1 pytest tests/cluster/test_faults.py`` looks longer.
"""

import contextlib
import os
import random
import signal
import time

import nbformat
import psutil
import pytest
from alike import files, tables
from cluster_class import LESSON, finished, gone, grade, judgements, wait_until

from autograder.catalogue.sample import answered

pytestmark = pytest.mark.slow

FAULTS = int(os.environ.get("FAULTS", "4"))
SEED = int(os.environ.get("SEED", "19"))
# Seconds that a process stands still, as one whose network is cut: longer than it takes to look around.
STILL = 1.0


class Class:
    """A class at work on two workers of one machine and one of another, and what may happen to them."""

    def __init__(self, cluster, draw):
        self.cluster = cluster
        self.draw = draw
        self.scheduling = cluster.scheduler()
        self.workers = [[number, cluster.worker(number)] for number in (1, 1, 2)]

    def kill_a_machine(self):
        """A worker with all that Dask started for it; another one comes."""
        place = self.draw.choice(self.workers)
        self.cluster.kill(place[1])
        place[1] = self.cluster.worker(place[0])

    def kill_a_worker(self):
        """Its nanny starts another."""
        nanny = psutil.Process(self.draw.choice(self.workers)[1].pid)
        for worker in nanny.children():
            send(worker, signal.SIGKILL)

    def kill_a_station(self):
        for station in self.stations():
            send(station, signal.SIGKILL)

    def stop_a_worker(self):
        """It says nothing for a while, and then goes on as if nothing was."""
        nanny = psutil.Process(self.draw.choice(self.workers)[1].pid)
        found = nanny.children(recursive=True)
        for way in (signal.SIGSTOP, signal.SIGCONT):
            for worker in found:
                send(worker, way)
            time.sleep(STILL)

    def restart_the_scheduler(self):
        self.cluster.kill(self.scheduling)
        self.scheduling = self.cluster.scheduler()
        for place in self.workers:  # Dask's end when their scheduler does
            self.cluster.kill(place[1])
            place[1] = self.cluster.worker(place[0])

    def stations(self):
        for process in psutil.process_iter(["cmdline"]):
            said = process.info["cmdline"] or []
            if "autograder.cluster.station" in said and str(self.cluster.folder) in said[-1]:
                yield process


KINDS = (
    Class.kill_a_machine,
    Class.kill_a_worker,
    Class.kill_a_station,
    Class.stop_a_worker,
    Class.restart_the_scheduler,
)


def test_faults_at_random_moments_change_nothing(cluster, ungraded, here):
    draw = random.Random(SEED)
    disturbed = Class(cluster, draw)
    students = len(judgements(here))
    grading = grade(ungraded, "--cluster", cluster.address)
    # Not while the last are graded: nobody can tell two accidents from a hand-in that ends its workers.
    for recorded in sorted(draw.choices(range(1, max(2, students * 3 // 4)), k=FAULTS)):
        wait_until(lambda recorded=recorded: len(judgements(ungraded)) >= recorded, grading)
        time.sleep(draw.random() / 4)
        draw.choice(KINDS)(disturbed)
    finished(grading)
    assert tables(ungraded) == tables(here)
    assert files(ungraded) == files(here)


def test_a_hand_in_that_ends_its_workers_is_crashed_and_the_others_are_graded(cluster, ungraded, here):
    """Whatever it is that does it: here somebody who ends the station's process as soon as it has begun."""
    cluster.scheduler(), cluster.worker()
    endless = nbformat.writes(answered(LESSON, {"adam_update": "while True: pass"}))
    ungraded.submit("endless", LESSON, endless)
    grading = grade(ungraded, "--cluster", cluster.address, "--student", "endless")
    for _ in range(2):
        seats = []
        wait_until(lambda found=seats: found.extend(at_work(cluster)) or found, grading)
        for seat in seats:
            seat.kill()
        wait_until(lambda ended=seats: gone(ended))
    finished(grading)
    judged = judgements(ungraded)["endless"]["judgement"]
    assert judged["state"] == "crashed"
    assert [entry["id"] for entry in judged["flagged"]] == ["took_workers"]
    finished(grade(ungraded, "--cluster", cluster.address))
    assert judgements(ungraded).keys() == {"endless", *judgements(here)}


def test_where_the_scheduler_stays_away_one_sentence_says_so_and_the_same_command_goes_on(
    cluster, ungraded, here
):
    scheduling, working = cluster.scheduler(), cluster.worker()
    grading = grade(ungraded, "--cluster", cluster.address)
    wait_until(lambda: len(judgements(ungraded)) >= 2, grading)
    cluster.kill(scheduling), cluster.kill(working)
    said = finished(grading, 2)
    assert "There is no Dask scheduler to be reached at" in said
    assert 2 <= len(judgements(ungraded)) < len(judgements(here))
    cluster.scheduler(), cluster.worker()
    finished(grade(ungraded, "--cluster", cluster.address))
    assert tables(ungraded) == tables(here)
    assert files(ungraded) == files(here)


def test_ctrl_c_ends_with_one_sentence_and_the_same_command_goes_on_without_a_cluster(
    cluster, ungraded, here
):
    cluster.scheduler(), cluster.worker()
    grading = grade(ungraded, "--cluster", cluster.address)
    wait_until(lambda: len(judgements(ungraded)) >= 2, grading)
    grading.send_signal(signal.SIGINT)
    _, said = grading.communicate(timeout=60)
    assert grading.returncode == 130
    assert "Traceback" not in said
    finished(grade(ungraded))
    assert tables(ungraded) == tables(here)
    assert files(ungraded) == files(here)


def test_a_slow_machine_among_fast_ones_changes_nothing(cluster, ungraded, here):
    """All of the second machine stands still nine tenths of the time."""
    cluster.scheduler(), cluster.worker(1), cluster.worker(2)
    grading = grade(ungraded, "--cluster", cluster.address)
    slow = str(cluster.machine(2))
    while grading.poll() is None:
        stations = [each for each in psutil.process_iter(["cmdline"]) if is_station(each, slow)]
        found = [*stations]
        for station in stations:
            with contextlib.suppress(psutil.Error):
                found += station.children(recursive=True)
        for way, seconds in ((signal.SIGSTOP, 0.09), (signal.SIGCONT, 0.01)):
            for each in found:
                send(each, way)
            time.sleep(seconds)
    finished(grading)
    assert tables(ungraded) == tables(here)
    assert files(ungraded) == files(here)


def send(process, way):
    with contextlib.suppress(psutil.Error):  # it has ended meanwhile
        process.send_signal(way)


def is_station(process, place):
    said = process.info["cmdline"] or []
    return "autograder.cluster.station" in said and said[-1].startswith(place)


def at_work(cluster):
    """The seats of a station whose process has begun with a hand-in."""
    for station in psutil.process_iter(["cmdline"]):
        if is_station(station, str(cluster.folder)):
            for seat in station.children():
                with contextlib.suppress(psutil.Error):  # it has ended meanwhile
                    if seat.cmdline() == station.cmdline() and seat.children():
                        yield seat
