"""What ``autograder setup`` writes into a new gradebook folder: a policy of which nothing holds yet."""

EXAMPLE = """\
# What is due when, and what counts for what. Take away the # of what you need, and then
#     autograder policy --dry-run     shows whose points would change, and
#     autograder policy               changes them, as `autograder grade` does too.
# Nobody's code is run for it, what was given by hand stays, and what you take back is as it was.

# The time zone of the times below.
#zone = "Europe/Berlin"

# What being late costs, in every lesson: points (0.5), or a share ("10 %") of the lesson's maximum, or of
# the points that were reached: of = "reached". Each begun day counts, or hour: per_hour.
#[late]
#grace = "15 minutes"
#per_day = "10 %"
#cap = "50 %"
#zero_after = "7 days"

#[lessons.05_adam]
#due = 2026-02-01T23:59:00
#points = {adam_update = 5, Adam = 2}
#excluded = ["AdamW"]
#extra = ["amsgrad_update"]
#late = {per_hour = 0.25, cap = 3}

#[groups]
#evening = ["anna", "ben"]

# Without lessons it is for all that are due; until = 2026-02-04T12:00:00 says when it ends.
#[[extensions]]
#students = ["carla"]
#groups = ["evening"]
#lessons = ["05_adam"]
#by = "3 days"
"""
