"""What several rooms use: scripts and styles, templates, bundled runs, reference data."""
