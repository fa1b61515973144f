"""The tool's own plugin: what is built in comes in through the same door as what third parties offer."""
