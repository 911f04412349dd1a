"""The words everybody uses, and the stores. Imports no other folder of the house."""

__version__ = "0.1.0"
