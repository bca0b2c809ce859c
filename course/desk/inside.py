"""What the kernel that tries a notebook, and whoever started it, have agreed on."""

from __future__ import annotations

# In such a kernel's environment: it starts no other.
INSIDE = "DESCENT_READY"
# The forms in which results come over: data, and no sentence to be read.
LESSON = "application/vnd.descent.lesson+json"
VERDICT = "application/vnd.descent.verdict+json"
