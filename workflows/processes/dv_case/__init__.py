"""保护事项: for now the first response only; the whole domestic-violence process (processes.md §3) takes over here."""
