"""The processes that the work is done in: warm ones to fork from, workers, pinned numerics."""
