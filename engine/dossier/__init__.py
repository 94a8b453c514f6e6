"""Paper: single sheets, the bound dossier, and the proof that a dossier is what this house once printed."""
