"""What we do: gather, plan, guard, re-check, apply, ledger. The runner is the one hand."""
