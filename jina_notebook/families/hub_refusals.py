"""What to say when the hub, the network or the disk refuses: one sentence each, and the way out."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jina_notebook.catalog import ModelCard
from jina_notebook.errors import HubError, JinaNotebookError

__all__ = ["Place", "brief", "lacking", "no_space", "offline", "refusal", "undeleted", "unreachable"]

PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


@dataclass(frozen=True, slots=True)
class Place:
    """The model, the revision and the cache folder that every refusal names."""

    card: ModelCard
    revision: str
    cache: Path

    @property
    def folder(self) -> Path:
        """The repository's folder inside the cache."""
        return self.cache / f"models--{self.card.hub_id.replace('/', '--')}"

    def __str__(self) -> str:
        return f"{self.card.name} at revision {self.revision}"

    @property
    def two_ways(self) -> str:
        """Without the hub: download before, or a folder of one's own."""
        command = f"jina-notebook models download {self.card.name}"
        if self.revision != self.card.revision:
            command += f" --revision {self.revision}"
        return (
            f"Download it where the hub can be reached (`{command}`) and bring that cache folder here (HF_HUB_CACHE), "
            "or pass path= with a folder that holds the checkpoint."
        )

    @property
    def others(self) -> list[str]:
        """Other revisions that the cache has."""
        snapshots = self.folder / "snapshots"
        try:
            return sorted(entry.name for entry in snapshots.iterdir() if entry.name != self.revision)
        except OSError:
            return []


def offline(place: Place) -> HubError:
    """Not in the cache while `HF_HUB_OFFLINE` forbids asking."""
    return HubError(
        f"{place} is not complete in the cache folder {place.cache}, and HF_HUB_OFFLINE forbids asking the hub"
        f"{_others(place)}.",
        hint=place.two_ways,
    )


def unreachable(place: Place, address: str, reason: str) -> HubError:
    """Not in the cache while the hub does not answer."""
    return HubError(
        f"{place} is not complete in the cache folder {place.cache}, and the hub {address} cannot be reached "
        f"({reason}{_proxy()}){_others(place)}.",
        hint=f"{place.two_ways} A running kernel asks the hub only once: restart it when the network is back.",
    )


def no_space(place: Place, *, needed: int | None = None, free: int | None = None) -> HubError:
    """The disk of the cache is full, or would be."""
    figures = "" if needed is None or free is None else f": {needed / 1e9:.2f} GB are needed, {free / 1e9:.2f} GB free"
    return HubError(
        f"{place} does not fit on the disk of the cache folder {place.cache}{figures}.",
        hint="Free some space, or set HF_HUB_CACHE to a folder on another disk.",
    )


def lacking(place: Place, missing: Sequence[str]) -> HubError:
    """The repository has no such files."""
    return HubError(
        f"{place} was fetched into {place.cache}, but the repository {place.card.hub_id} lacks {', '.join(missing)}.",
        hint=f"Use the pinned revision {place.card.revision}, or pass path= with a folder that holds the checkpoint.",
    )


def undeleted(place: Place) -> HubError:
    """The client could not delete the repository's folder."""
    return HubError(
        f"{place} was not deleted: the folder {place.folder} cannot be written.",
        hint="Delete it as the user that owns it.",
    )


def refusal(error: Exception, place: Place, address: str) -> HubError:
    """The sentence for an exception of the hub client."""
    from huggingface_hub import errors as hub

    if isinstance(error, JinaNotebookError):
        raise error
    page = f"{address}/{place.card.hub_id}"
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, hub.GatedRepoError) or status == 403:
        return HubError(
            f"{place} is gated: the hub refused the files (status {status or 403}; cache folder {place.cache}).",
            hint=f"Accept the licence at {page}, then set HF_TOKEN to a token of that account, or run `hf auth login`.",
        )
    if isinstance(error, hub.RevisionNotFoundError):
        return HubError(
            f"{place.card.name} has no revision {place.revision} in {page} (cache folder {place.cache}).",
            hint=f"The pinned revision is {place.card.revision}; leave revision= out to use it.",
        )
    if isinstance(error, hub.RepositoryNotFoundError) or status in {401, 404}:
        return HubError(
            f"{place} was not found: the hub knows no repository {page} that you may read "
            f"(status {status or 404}; cache folder {place.cache}).",
            hint="Check HF_ENDPOINT; a private repository needs a valid token in HF_TOKEN, and a stale token must go.",
        )
    return _broken(error, place, address, status)


def _broken(error: Exception, place: Place, address: str, status: int | None) -> HubError:
    causes = _causes(error)
    if any(isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT} for cause in causes):
        return no_space(place)
    unwritable = {errno.EACCES, errno.EPERM, errno.EROFS}
    if any(isinstance(cause, OSError) and cause.errno in unwritable for cause in causes):
        return HubError(
            f"{place} cannot be stored: the cache folder {place.cache} cannot be written ({brief(error)}).",
            hint="Set HF_HUB_CACHE to a folder of your own, or pass path= with a folder that holds the checkpoint.",
        )
    if status is not None:
        return HubError(
            f"{place} was not fetched: the hub {address} answered with status {status} (cache folder {place.cache}).",
            hint="Try again later; files that are complete are kept.",
        )
    return HubError(
        f"{place} was not fetched: the download from {address} into the cache folder {place.cache} broke off "
        f"({brief(error)}{_proxy()}).",
        hint="Run it again: files that are complete are kept, the others are fetched.",
    )


def brief(error: BaseException) -> str:
    """The innermost cause as one short line."""
    cause = _causes(error)[-1]
    lines = str(cause).strip().splitlines()
    text = lines[0].strip() if lines else ""
    return f"{type(cause).__name__}: {text[:200]}" if text else type(cause).__name__


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what it was raised from, outermost first."""
    chain: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in chain:
        chain.append(step)
        step = step.__cause__
    return chain


def _others(place: Place) -> str:
    others = place.others
    return f" (it has revision {', '.join(others)})" if others else ""


def _proxy() -> str:
    """`; HTTPS_PROXY is http://proxy:3128`, without user and password."""
    for name in PROXIES:
        if value := os.environ.get(name):
            parts = urlsplit(value if "//" in value else f"//{value}")
            host = parts.netloc.rpartition("@")[2] or "unreadable"
            return f"; {name} is {parts.scheme + '://' if parts.scheme else ''}{host}"
    return ""
