"""How good the checks are and how fast grading is: measured, and published."""
