"""Neural networks: tensors in, tensors out. They know neither audio files nor text nor the sampler."""
