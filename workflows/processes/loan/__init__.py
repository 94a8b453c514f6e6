"""The women's loan (妇女小额担保贷款): processes.md §1, clauses S001-46..55."""
