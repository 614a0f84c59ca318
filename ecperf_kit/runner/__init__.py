"""Running: one notebook becomes one report folder, whole or not at all; many clients at a time."""
