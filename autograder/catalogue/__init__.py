"""The lessons, and what is known of them: mistakes, right answers in other styles, a sample class."""

from autograder.catalogue.answers import variant, wrong

__all__ = ["variant", "wrong"]
