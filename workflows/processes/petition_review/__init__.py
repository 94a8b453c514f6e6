"""Review and recheck of a petition's decision letter (processes.md §2 step 12; 信访工作条例 35, 36)."""
