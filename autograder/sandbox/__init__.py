"""Where student code runs while it is graded: a forked and confined process."""
