"""Judges one notebook: reads it, runs it apart from everything else, and compares its evidence."""
