"""ganmodel: train a GAN in a web page, watch it learn, then walk through its latent space."""

__version__ = "0.1.0"
