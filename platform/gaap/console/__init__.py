"""The console: where the people of service teams sign in and look after their services."""
