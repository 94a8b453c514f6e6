"""What pages and papers show: frozen rows, permission asked first, nothing written."""
