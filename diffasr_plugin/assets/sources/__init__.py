"""The places where an asset's files can be had: a local folder, the model hub, packages on a registry."""

from .hub import HubFile, HubSource
from .local import LocalSource
from .package import PackageFile, PackageSource

__all__ = ["HubFile", "HubSource", "LocalSource", "PackageFile", "PackageSource"]
