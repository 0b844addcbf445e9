"""The one error that `config` raises."""

from ganmodel.errors import KnownError


class ConfigError(KnownError, ValueError):
    """A setting was wrong; the message is one sentence for the person who chose it."""
