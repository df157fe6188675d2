"""The public status page: what works, measured by the platform itself, and what operators say of incidents."""
