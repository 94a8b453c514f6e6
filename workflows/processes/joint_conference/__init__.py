"""The joint conference of agencies (P8): convene, reports, minutes, follow up what was decided (S004-33, S004-38, S004-49)."""
