"""What we do: gather, plan, guard, re-check, apply, ledger. Only the runner changes anything."""
