"""Devices: cameras, lines and strikes. Imports neither daemon nor models."""
