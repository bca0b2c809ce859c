"""Pinned numerics: one thread and the plainest instructions, so that every machine prints the same digits."""

# Set before torch is loaded, in the environment of every kernel that builds, grades or tests.
PINNED = {
    "ATEN_CPU_CAPABILITY": "default",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}
