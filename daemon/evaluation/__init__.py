"""How well the terminal sees: the instruments of `auther evaluate` and `auther calibrate`.

The figures are pure functions (`verification`, `identification`, `presentation`, `effects`, `scale`); running pictures
and videos through the shipped path, and writing reports, stand apart from them.
"""
