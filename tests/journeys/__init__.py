CLOCK = "JOURNEY_CLOCK"
"""Names, in the environment of the journeys' web process, the file in which its present moment may stand."""
