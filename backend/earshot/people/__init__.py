"""People who sign in: accounts, sessions, roles and what each may do."""
