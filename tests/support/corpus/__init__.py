"""Notebooks that a grader must cope with, made by readable code: attacks, broken ones, honest noise."""
