"""Whether a recognised person may come in: hours, credentials, who is inside."""
