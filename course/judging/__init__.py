"""From evidence to verdict: knows no exercise, and neither students nor lessons."""
