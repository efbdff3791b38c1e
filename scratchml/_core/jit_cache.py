"""Disk cache of compiled kernels.

Numba's own cache returns stale code when a callee in another file has changed, does not look at the
compile options or the environment, and fails for good on a truncated file. Here

- a folder is named after a stamp: the hash of all sources of the package, the versions of Python,
  NumPy, Numba and llvmlite, the CPU with its features, and Numba's settings;
- a file in it is named after the kernel and the hash of its signature and options, is written under
  another name and then renamed, and starts with the hash of its content;
- whatever is missing, damaged or not ours means that the kernel is compiled, never an error.

The cache stays off with bounds checks or when Numba is to dump code; when a source file is younger
than this process, so that the code in memory may be another than the code on disk; when
the folder cannot be written; and when Numba's internals, which this module needs, have changed.

An entry is a pickle, and unpickling runs code. So, where the system has owners and modes, only
files that belong to the current user are read, from folders that nobody else may write to
(they are made with mode 0700).

The folder is ``$SCRATCHML_CACHE_DIR``, or ``scratchml`` in the user's cache folder
(``$XDG_CACHE_HOME``, ``%LOCALAPPDATA%``, ``~/Library/Caches``, ``~/.cache``). The last few stamps
are kept in it.
"""

import contextlib
import functools
import hashlib
import os
import pickle
import re
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any

from scratchml._core.jit import LOADED_AT

_KEPT_STAMPS = 8
_ROOT = Path(__file__).resolve().parent.parent
_DIGEST = 32
_CLOCK_STEP = 0.05  # seconds; the clock that stamps files may be behind by 10 ms

# Settings of Numba that leave the generated code as it is.
_HARMLESS = re.compile(r"THREAD|CACHE|CUDA|COLOR|WARN|HELP|TRACE|DUMP_|DEBUG_")


def attach_cache(dispatcher: Any, options: "dict[str, Any]") -> None:
    """Give the dispatcher of a kernel of this package its disk cache, if there is to be one."""
    function = dispatcher.py_func
    if function.__module__.partition(".")[0] != __name__.partition(".")[0]:
        return  # the stamp would not notice a change of its source
    folder = cache_folder()
    if folder is not None and hasattr(dispatcher, "_cache"):
        dispatcher._cache = KernelCache(folder, function, options)


class KernelCache:
    """What a dispatcher asks for compiled code: the interface of Numba's ``FunctionCache``."""

    def __init__(self, folder: Path, function: Any, options: "dict[str, Any]") -> None:
        self.cache_path = str(folder)
        self._folder = folder
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._options = sorted((k, sorted(v) if k == "fastmath" else v) for k, v in options.items())

    def _path(self, signature: Any) -> Path:
        key = hashlib.sha256(repr((str(signature), self._options)).encode()).hexdigest()
        return self._folder / f"{self._name}-{key[:24]}"

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """Return the stored compilation, or None."""
        try:
            from numba.core.compiler import CompileResult

            target_context.refresh()
            content = _read(self._path(signature))
            if content is None or _sources_changed():
                return None
            return CompileResult._rebuild(target_context, *pickle.loads(content))
        except Exception:  # by design: whatever is wrong with an entry, compile
            return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Store a compilation, if it can be stored."""
        try:
            from numba.core.serialize import dumps

            if not (compiled.lifted or compiled.library.has_dynamic_globals or _sources_changed()):
                _write(self._path(signature), dumps(compiled._reduce()))
        except Exception:  # by design: a kernel that cannot be stored still runs
            return

    def enable(self) -> None:
        """Do nothing: the cache is on as long as it is attached."""

    def disable(self) -> None:
        """Do nothing: see `enable`."""

    def flush(self) -> None:
        """Do nothing: entries go stale by name."""


def _read(path: Path) -> "bytes | None":
    """Return the content behind the digest, or None when it is not ours or not whole."""
    try:
        with open(path, "rb") as file:
            if not _is_ours(os.fstat(file.fileno())):
                return None
            digest, content = file.read(_DIGEST), file.read()
    except OSError:
        return None
    return content if hashlib.sha256(content).digest() == digest else None


def _write(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # with mode 0600
    try:
        with open(handle, "wb") as file:
            file.write(hashlib.sha256(content).digest() + content)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _is_ours(status: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):  # Windows: the user's folder has its own access list
        return True
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


@functools.cache
def cache_folder() -> "Path | None":
    """Return the folder of the present stamp, made if need be, or None when there is no cache."""
    from numba import config

    dumping = any(v for k, v in vars(config).items() if k.startswith("DUMP_"))
    if config.BOUNDSCHECK or dumping:  # type: ignore[attr-defined]
        return None
    try:
        if _sources_changed():
            return None
        parent = _parent_folder()
        folder = parent / _stamp()
        for path in (parent, folder):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_ours(path.stat()):
                return None
        os.utime(folder)  # the time of its last use
        tempfile.TemporaryFile(dir=folder).close()
        _forget_old_stamps(parent)
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None
    return folder


def _parent_folder() -> Path:
    chosen = os.environ.get("SCRATCHML_CACHE_DIR")
    if chosen:
        return Path(chosen).absolute()
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "scratchml").absolute()


def _forget_old_stamps(parent: Path) -> None:
    stamps = [path for path in parent.iterdir() if re.fullmatch(r"[0-9a-f]{24}", path.name)]
    stamps.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in stamps[_KEPT_STAMPS:]:
        shutil.rmtree(path, ignore_errors=True)


def _stamp() -> str:
    """Hash everything outside a kernel's own declaration that its machine code depends on."""
    import llvmlite
    import llvmlite.binding
    import numba
    import numpy

    settings = {
        name: repr(value)
        for name, value in vars(numba.config).items()
        if name.isupper() and not _HARMLESS.search(name)
    }
    stamp = hashlib.sha256()
    for part in (
        sys.version,
        sys.implementation.cache_tag,
        numpy.__version__,
        numba.__version__,
        llvmlite.__version__,
        llvmlite.binding.get_host_cpu_name(),
        llvmlite.binding.get_host_cpu_features().flatten(),
        sorted(settings.items()),
    ):
        stamp.update(repr(part).encode() + b"\0")
    for path in _sources():
        stamp.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return stamp.hexdigest()[:24]


@functools.cache
def _sources() -> "list[Path]":
    return sorted(_ROOT.rglob("*.py"))


def _sources_changed() -> bool:
    """Whether a source file is younger than this process, or there is none (a zip archive)."""
    times = [max(s.st_mtime, s.st_ctime) for s in map(os.stat, _sources())]
    return not times or max(times) > LOADED_AT - _CLOCK_STEP
