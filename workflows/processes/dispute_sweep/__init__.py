"""矛盾纠纷排查: what a village found in a quarter, three kinds of families; finding nothing is a report as well."""
