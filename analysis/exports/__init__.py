"""What people take with them: CSV and reports."""
