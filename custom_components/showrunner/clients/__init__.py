"""How we talk: one module a service over one HTTP base. Bytes in, domain objects out."""
