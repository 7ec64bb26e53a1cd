"""What happened, on disk first and then to whoever is told."""
