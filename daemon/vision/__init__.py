"""From a frame to a decision: tracker, recogniser, liveness over the track, policy, and the thread that owns them."""
