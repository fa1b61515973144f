"""The subtitle tool: films in, subtitles out. It knows recognisers by their generic interface only."""
