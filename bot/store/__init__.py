"""What must not be forgotten: deliveries, due subjects, the ledger. Keeps texts, not meanings."""
