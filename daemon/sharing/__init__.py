"""One site, one gallery: people shared between terminals over the broker."""
