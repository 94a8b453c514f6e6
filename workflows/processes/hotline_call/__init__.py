"""12338 来电: a call from ringing to its answer, or to the unit that is responsible."""
