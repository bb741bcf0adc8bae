"""bfg-policy: decide from YAML policies and recorded facts whether a system may go live."""

__version__ = "0.1.0"
