"""All SQL of the product, for SQLite and PostgreSQL alike (SQLAlchemy Core, never the ORM)."""
