"""Networks and their weights. Imports neither daemon nor hw."""
