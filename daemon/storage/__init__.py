"""The people on disk: one encrypted store, its keys, its backups."""
