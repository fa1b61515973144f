"""The recogniser `diffusion-gemma`: audio tokens before DiffusionGemma, which denoises the transcript."""
