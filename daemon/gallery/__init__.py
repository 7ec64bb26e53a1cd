"""The people in memory, to be searched."""
