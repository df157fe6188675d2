"""The look of every citizen's page: forms, languages, brand and content security, neutral to any government."""
