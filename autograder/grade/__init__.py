"""Grades a class into an nbgrader course folder."""
