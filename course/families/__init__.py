"""Families of exercises: what exercises of one shape share, from their cases to their evidence."""
