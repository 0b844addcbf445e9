"""The page's header and the drawer of runs: layout, server side, scripts, styles, template."""
