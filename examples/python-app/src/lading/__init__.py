"""Prints the bill of lading of a Debian source package."""
