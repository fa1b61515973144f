"""The recogniser `whisper`: Whisper of any size, with word times, confidences and doubts about itself."""
