"""The Playground tab: its layout, server side, scripts, styles and template."""
