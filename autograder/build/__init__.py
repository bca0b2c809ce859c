"""Builds a lesson's notebooks and hints from its source."""
