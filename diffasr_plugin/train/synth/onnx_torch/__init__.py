"""ONNX files, quantised ones too, run with torch in floats, on a GPU."""
