"""What a graded class looks like: the table in the terminal and the page."""
