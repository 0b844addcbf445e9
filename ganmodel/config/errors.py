"""The one error that `config` raises."""


class ConfigError(ValueError):
    """A setting was wrong; the message is one sentence for the person who chose it."""
