"""What a person or a timer can do: one function a verb, each run in a unit of work of its own."""
