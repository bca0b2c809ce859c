"""The instructor's side: build the lessons, judge notebooks, grade a class."""
