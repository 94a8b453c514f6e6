"""After a mediation was agreed: joint judicial confirmation, and whether what was agreed is done."""
