"""The drawings and decision tables, shipped beside the code that runs them."""
