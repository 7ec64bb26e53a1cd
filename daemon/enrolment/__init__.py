"""From pictures to people: at the camera, from files, and what is learned or kept of decisions."""
