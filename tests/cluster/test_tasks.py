"""No hand-in is lost, whoever gives up on it in whatever moment; one that ends its workers is known."""

import asyncio

import pytest

from autograder.cluster.tasks import Lost, Task, Tasks
from autograder.errors import DescentError


def task(id):
    return Task(b"", f"{id}.ipynb", 0, id, True)


async def next_of(tasks):
    async with tasks.next() as found:
        return found


def test_a_hand_in_that_loses_two_workers_goes_no_further():
    async def lose():
        tasks, first, again = Tasks(), task("a"), task("a")
        tasks.add(first)
        tasks.suspect(await next_of(tasks))
        tasks.add(again)
        tasks.suspect(await next_of(tasks))
        return first.result, again.result

    first, again = asyncio.run(lose())
    assert first.result(0) is None  # another turn
    with pytest.raises(Lost) as error:
        again.result(0)
    assert error.value.times == 2


def test_of_those_that_lost_a_worker_one_is_judged_at_a_time():
    async def take():
        tasks = Tasks()
        for id in "ab":
            tasks.add(task(id))
        for _ in range(2):
            tasks.suspect(await next_of(tasks))
        for id in "abc":
            tasks.add(task(id))
        async with tasks.next() as first:
            second = asyncio.create_task(next_of(tasks))
            await asyncio.sleep(0)
            third = await next_of(tasks)
            waits = not second.done()
        return first.id, third.id, waits, (await second).id

    assert asyncio.run(take()) == ("a", "c", True, "b")


def test_a_hand_in_that_nobody_came_to_is_done_by_others():
    async def leave():
        tasks = Tasks()
        for id in "ab":
            tasks.add(task(id))
        for _ in range(2):
            tasks.suspect(await next_of(tasks))
        for id in "ab":
            tasks.add(task(id))
        async with tasks.next():
            waiting = asyncio.create_task(next_of(tasks))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        return (await asyncio.wait_for(next_of(tasks), 1)).id

    assert asyncio.run(leave()) == "b"


def test_what_can_not_be_done_is_said_of_all_that_come_too():
    async def give_up():
        tasks, before, after = Tasks(), task("a"), task("b")
        tasks.add(before)
        tasks.give_up(DescentError("no"))
        tasks.add(after)
        return before.result.exception(0), after.result.exception(0)

    assert [str(error) for error in asyncio.run(give_up())] == ["no", "no"]
