"""The kinds of process, a folder each; `workflows.catalogue` finds them."""
