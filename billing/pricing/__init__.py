"""The price table in the hands of staff: import, export, overview, drift, margin, bills."""
