"""The line of somebody's own code that a single small change would mend: found by trying, told without it."""
