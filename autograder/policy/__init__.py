"""What an instructor decides of a class, in one file: due dates, late policies, extensions, points."""
