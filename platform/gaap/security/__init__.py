"""Security events: who got in, who was refused, and who tried to get round a control (OWASP ASVS 5.0, 16.3)."""
