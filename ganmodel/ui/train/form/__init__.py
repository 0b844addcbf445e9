"""The form that starts a run: its fields, own pictures, its scripts, styles and template."""
