"""Everything outside the process, one tool in each file: bleach, email-validator, cryptography, Redis and RQ."""
