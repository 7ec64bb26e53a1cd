"""What the building manager's console needs beyond the API: users, sessions, history, settings."""
