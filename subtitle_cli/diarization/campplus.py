"""Log-mel frames -> speaker embeddings: the network CAM++.

Knows neither audio nor where its weights come from. The modules' names are those of the published weights.

Source: Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware
Masking", Interspeech 2023, section 2 and table 1.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["CamPlusPlus"]

_MELS = 80
_HEAD_CHANNELS = 32
_TDNN_CHANNELS = 128
_GROWTH = 32  # channels that each layer of a dense block adds
_BOTTLENECK = 128
_BLOCKS = ((12, 1), (24, 2), (16, 2))  # (layers, dilation) of the three dense blocks
_SEGMENT_FRAMES = 100  # local context of a mask: about two seconds, the frames being 20 ms apart by then


class CamPlusPlus(nn.Module):
    """A densely connected time-delay network, each layer of which is masked by its context.

    Args:
        dimension: of the embedding.
    """

    def __init__(self, dimension: int = 192) -> None:
        super().__init__()
        self.head = _ConvolutionHead()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["tdnn"] = _TimeDelay(self.head.out_channels, _TDNN_CHANNELS)
        channels = _TDNN_CHANNELS
        for number, (depth, dilation) in enumerate(_BLOCKS, start=1):
            layers[f"block{number}"] = _DenseBlock(channels, depth, dilation)
            channels += depth * _GROWTH
            layers[f"transit{number}"] = _Transition(channels, channels // 2)
            channels //= 2
        layers["out_nonlinear"] = _norm_relu(channels)
        layers["stats"] = _StatisticsPooling()
        layers["dense"] = _Projection(2 * channels, dimension)
        self.xvector = nn.Sequential(layers)

    def forward(self, mels: Tensor) -> Tensor:
        """Embed utterances of one length.

        Args:
            mels: (batch, frames, 80) log-mel energies, 100 frames a second, each band's mean over the
                utterance taken off.

        Returns:
            (batch, dimension); compare them by cosine.
        """
        embeddings: Tensor = self.xvector(self.head(mels.transpose(1, 2)))
        return embeddings


class _ConvolutionHead(nn.Module):
    """(batch, 80, frames) -> (batch, 320, frames): 2-D convolutions that shrink the frequency axis by 8."""

    out_channels = _HEAD_CHANNELS * _MELS // 8

    def __init__(self) -> None:
        super().__init__()
        width = _HEAD_CHANNELS
        self.conv1 = nn.Conv2d(1, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = nn.Sequential(_Residual(width, stride=2), _Residual(width, stride=1))
        self.layer2 = nn.Sequential(_Residual(width, stride=2), _Residual(width, stride=1))
        self.conv2 = nn.Conv2d(width, width, 3, stride=(2, 1), padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)

    def forward(self, mels: Tensor) -> Tensor:
        planes = functional.relu(self.bn1(self.conv1(mels.unsqueeze(1))))  # (batch, 32, 80, frames)
        planes = self.layer2(self.layer1(planes))  # (batch, 32, 20, frames)
        planes = functional.relu(self.bn2(self.conv2(planes)))  # (batch, 32, 10, frames)
        return planes.flatten(1, 2)


class _Residual(nn.Module):
    """Two 3 x 3 convolutions and a shortcut; `stride` is that of the frequency axis."""

    def __init__(self, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, stride=(stride, 1), padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut.append(nn.Conv2d(width, width, 1, stride=(stride, 1), bias=False))
            self.shortcut.append(nn.BatchNorm2d(width))

    def forward(self, planes: Tensor) -> Tensor:
        inner = functional.relu(self.bn1(self.conv1(planes)))
        return functional.relu(self.bn2(self.conv2(inner)) + self.shortcut(planes))


class _TimeDelay(nn.Module):
    """A convolution over time that halves the frame rate."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(inputs, outputs, 5, stride=2, padding=2, bias=False)
        self.nonlinear = _norm_relu(outputs)

    def forward(self, frames: Tensor) -> Tensor:
        out: Tensor = self.nonlinear(self.linear(frames))
        return out


class _DenseBlock(nn.Module):
    """Layers that see the outputs of all before them; (batch, C, frames) -> (batch, C + growth, frames)."""

    def __init__(self, inputs: int, depth: int, dilation: int) -> None:
        super().__init__()
        for number in range(depth):
            self.add_module(f"tdnnd{number + 1}", _DenseLayer(inputs + number * _GROWTH, dilation))

    def forward(self, frames: Tensor) -> Tensor:
        for layer in self.children():
            frames = torch.cat([frames, layer(frames)], dim=1)
        return frames


class _DenseLayer(nn.Module):
    """Bottleneck, then a convolution over time under a context-aware mask."""

    def __init__(self, inputs: int, dilation: int) -> None:
        super().__init__()
        self.nonlinear1 = _norm_relu(inputs)
        self.linear1 = nn.Conv1d(inputs, _BOTTLENECK, 1, bias=False)
        self.nonlinear2 = _norm_relu(_BOTTLENECK)
        self.cam_layer = _ContextAwareMask(dilation)

    def forward(self, frames: Tensor) -> Tensor:
        out: Tensor = self.cam_layer(self.nonlinear2(self.linear1(self.nonlinear1(frames))))
        return out


class _ContextAwareMask(nn.Module):
    """A convolution whose output is scaled by what the whole utterance and the segment around it hold."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.linear_local = nn.Conv1d(
            _BOTTLENECK, _GROWTH, 3, padding=dilation, dilation=dilation, bias=False
        )
        self.linear1 = nn.Conv1d(_BOTTLENECK, _BOTTLENECK // 2, 1)
        self.linear2 = nn.Conv1d(_BOTTLENECK // 2, _GROWTH, 1)

    def forward(self, frames: Tensor) -> Tensor:
        segments = functional.avg_pool1d(frames, _SEGMENT_FRAMES, _SEGMENT_FRAMES, ceil_mode=True)
        context = segments + frames.mean(dim=-1, keepdim=True)  # (batch, channels, segments)
        mask = torch.sigmoid(self.linear2(functional.relu(self.linear1(context))))
        # The mask is one value a segment: stretch it after the two projections, which then cost little.
        mask = mask.repeat_interleave(_SEGMENT_FRAMES, dim=-1)[..., : frames.shape[-1]]
        out: Tensor = self.linear_local(frames) * mask
        return out


class _Transition(nn.Module):
    """Fewer channels between dense blocks."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.nonlinear = _norm_relu(inputs)
        self.linear = nn.Conv1d(inputs, outputs, 1, bias=False)

    def forward(self, frames: Tensor) -> Tensor:
        out: Tensor = self.linear(self.nonlinear(frames))
        return out


class _StatisticsPooling(nn.Module):
    """(batch, C, frames) -> (batch, 2 C): mean and standard deviation over time."""

    def forward(self, frames: Tensor) -> Tensor:
        return torch.cat([frames.mean(dim=-1), frames.std(dim=-1)], dim=-1)


class _Projection(nn.Module):
    """The embedding layer; its norm has no weights of its own."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(inputs, outputs, 1, bias=False)
        self.nonlinear = nn.Sequential(OrderedDict(batchnorm=nn.BatchNorm1d(outputs, affine=False)))

    def forward(self, statistics: Tensor) -> Tensor:
        out: Tensor = self.nonlinear(self.linear(statistics.unsqueeze(-1))).squeeze(-1)
        return out


def _norm_relu(channels: int) -> nn.Sequential:
    return nn.Sequential(OrderedDict(batchnorm=nn.BatchNorm1d(channels), relu=nn.ReLU()))
