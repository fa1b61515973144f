"""CTranslate2 files made on the spot: the container, and a Whisper of transformers laid out in it."""

import json
import struct

import numpy as np

__all__ = ["TYPES", "ct2_bytes", "ct2_whisper_variables", "whisper_folder", "whisper_tokenizer"]

TYPES = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}


def _string(text):
    raw = text.encode() + b"\0"
    return struct.pack("<H", len(raw)) + raw


def ct2_bytes(variables, aliases=(), specification="WhisperSpec", version=6):
    """The whole file."""
    parts = [struct.pack("<I", version), _string(specification), struct.pack("<II", 3, len(variables))]
    for name, array in variables.items():
        raw = array.tobytes()
        shape = struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
        parts += [_string(name), shape, struct.pack("<BI", TYPES[array.dtype.name], len(raw)), raw]
    parts.append(struct.pack("<I", len(aliases)))
    parts += [_string(name) + _string(target) for name, target in aliases]
    return b"".join(parts)


def ct2_whisper_variables(model):
    """The weights of transformers' WhisperForConditionalGeneration under CTranslate2's names, float16."""
    weights = {name: tensor.half().numpy() for name, tensor in model.state_dict().items()}
    config = model.config
    variables = {
        "decoder/embeddings/weight": weights["model.decoder.embed_tokens.weight"],
        "decoder/pre_norm": np.int8(1),
    }

    def copy(target, source, **renamed):
        for kind, name in (renamed or {"weight": "weight", "bias": "bias"}).items():
            variables[f"{target}/{name}"] = weights[f"{source}.{kind}"]

    def fuse(target, source, roles):
        key_bias = {f"{source}.k_proj.bias": np.zeros(config.d_model, np.float16)}
        for kind in ("weight", "bias"):
            parts = [{**key_bias, **weights}[f"{source}.{role}_proj.{kind}"] for role in roles]
            variables[f"{target}/{kind}"] = np.concatenate(parts)

    norm = {"weight": "gamma", "bias": "beta"}
    for conv in ("conv1", "conv2"):
        copy(f"encoder/{conv}", f"model.encoder.{conv}")
    for side in ("encoder", "decoder"):
        variables[f"{side}/num_heads"] = np.int16(getattr(config, f"{side}_attention_heads"))
        copy(f"{side}/position_encodings", f"model.{side}.embed_positions", weight="encodings")
        copy(f"{side}/layer_norm", f"model.{side}.layer_norm", **norm)
        for number in range(getattr(config, f"{side}_layers")):
            to, of = f"{side}/layer_{number}", f"model.{side}.layers.{number}"
            fuse(f"{to}/self_attention/linear_0", f"{of}.self_attn", "qkv")
            copy(f"{to}/self_attention/linear_1", f"{of}.self_attn.out_proj")
            copy(f"{to}/self_attention/layer_norm", f"{of}.self_attn_layer_norm", **norm)
            if side == "decoder":
                copy(f"{to}/attention/linear_0", f"{of}.encoder_attn.q_proj")
                fuse(f"{to}/attention/linear_1", f"{of}.encoder_attn", "kv")
                copy(f"{to}/attention/linear_2", f"{of}.encoder_attn.out_proj")
                copy(f"{to}/attention/layer_norm", f"{of}.encoder_attn_layer_norm", **norm)
            copy(f"{to}/ffn/linear_0", f"{of}.fc1")
            copy(f"{to}/ffn/linear_1", f"{of}.fc2")
            copy(f"{to}/ffn/layer_norm", f"{of}.final_layer_norm", **norm)
    return variables


def whisper_tokenizer():
    """A tokenizer.json as large as the multilingual Whisper's, with made-up pieces and two languages."""
    names = [
        "endoftext",
        "startoftranscript",
        "en",
        "de",
        "translate",
        "transcribe",
        "startofprev",
        "nospeech",
    ]
    added = [
        {"id": 50_257 + number, "content": f"<|{name}|>", "special": True}
        for number, name in enumerate([*names, "notimestamps"])
    ]
    return {
        "added_tokens": added,
        "pre_tokenizer": {"type": "ByteLevel"},
        "post_processor": {"type": "made up"},
        "decoder": {"type": "ByteLevel"},
        "model": {
            "vocab": {f"piece{number}": number for number in range(50_257)},
            "merges": ["Ġ t", *(f"a b{number}" for number in range(49_999))],
        },
    }


def whisper_folder(folder, model):
    """The three files that the converter reads."""
    (folder / "model.bin").write_bytes(ct2_bytes(ct2_whisper_variables(model)))
    (folder / "tokenizer.json").write_text(json.dumps(whisper_tokenizer()))
    settings = {"alignment_heads": [[1, 0]], "lang_ids": [50_259, 50_260]}
    settings |= {"suppress_ids": [1, 2], "suppress_ids_begin": [220]}
    (folder / "config.json").write_text(json.dumps(settings))
