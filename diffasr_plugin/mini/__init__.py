"""The recogniser that comes with the package: its data, and how the data is made from OpenAI's weights."""
