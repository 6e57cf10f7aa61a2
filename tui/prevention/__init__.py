"""The place of prevention: a tenant's ledger, its proof, and how far policies are."""
