"""The application: builds hw and models together into a face terminal."""
