"""From what a learning platform gives to ``submitted/STUDENT/LESSON/`` of a gradebook folder."""
