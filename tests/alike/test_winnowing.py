"""Fingerprints of a sequence: what winnowing promises."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from autograder.alike.winnowing import LENGTH, WINDOW, fingerprints

ANY = st.lists(st.sampled_from("abc"), max_size=40)


@given(ANY, ANY, ANY, ANY, st.lists(st.sampled_from("abc"), min_size=LENGTH + WINDOW - 1, max_size=60))
def test_what_is_alike_for_long_enough_is_found(before, after, before_other, after_other, shared):
    one = {value for value, _ in fingerprints(before + shared + after)}
    other = {value for value, _ in fingerprints(before_other + shared + after_other)}
    assert one & other


@given(st.lists(st.text(max_size=3), max_size=LENGTH - 1))
def test_what_is_short_says_nothing(symbols):
    assert not list(fingerprints(symbols))


@given(st.lists(st.sampled_from("ab"), min_size=LENGTH, max_size=200))
def test_places_come_in_order_and_windows_are_all_kept_of(symbols):
    places = [place for _, place in fingerprints(symbols)]
    assert places == sorted(set(places))
    ends = [-1, *places, len(symbols) - LENGTH + 1]
    assert all(later - earlier <= WINDOW for earlier, later in pairwise(ends))
