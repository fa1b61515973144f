"""The recogniser `diffusion-mini`: a Whisper-base with fewer tokens in eight bits, inside this package."""
