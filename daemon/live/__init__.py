"""What the camera sees at this moment, for people who look at a screen: the newest frame, its faces, and what to do."""
