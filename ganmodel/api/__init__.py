"""What `import ganmodel` offers, and what the command line does its work with.

`training` trains in memory or into a run's folder; `drawing` loads a generator and draws with it;
`measuring` compares it with real pictures; `extending` adds objectives, pairs and data sets from
outside. The package's own `__init__` has their names.
"""
