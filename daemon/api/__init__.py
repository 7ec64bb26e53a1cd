"""The REST API. It is not essential: its loss never delays a door."""
