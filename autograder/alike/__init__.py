"""Answers of a class that are alike beyond what the exercise forces, side by side, for a person to judge."""
