"""After the loan (P1b): visits, reminders, overdue bands, extension, settlement, default (processes.md §1 step 13, D9)."""
