"""The disk cache: a second process compiles nothing, and nothing that happens to it is an error."""

import hashlib
import os
import pickle
import sys
from textwrap import dedent

import pytest

from scratchml._core import jit_cache
from tests._core.conftest import CALL, COMPILED, LOADED

pytestmark = [pytest.mark.kernel, pytest.mark.usefixtures("compiled")]


def test_an_edited_callee_in_another_file_is_compiled_anew(warm):
    warm.callee.write_text(warm.callee.read_text().replace("2.0", "3.0"))
    assert warm.run(CALL) == "18.0 1"


def test_truncated_entries_are_compiled_anew_and_replaced(warm):
    for path in warm.entries():
        path.write_bytes(path.read_bytes()[:1000])
    assert warm.run(CALL) == COMPILED
    assert warm.run(CALL) == LOADED


def test_a_whole_entry_of_something_else_is_compiled_anew(warm):
    content = pickle.dumps({"not": "a compilation"})
    for path in warm.entries():
        path.write_bytes(hashlib.sha256(content).digest() + content)
    assert warm.run(CALL) == COMPILED


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:10], lambda b: b"", lambda b: b[:-1] + b"x"]
)
def test_a_damaged_file_reads_as_missing(tmp_path, damage):
    path = tmp_path / "entry"
    assert jit_cache._read(path) is None
    jit_cache._write(path, b"content")
    assert jit_cache._read(path) == b"content"
    assert list(tmp_path.iterdir()) == [path]  # no temporary file is left
    path.write_bytes(damage(path.read_bytes()))
    assert jit_cache._read(path) is None


@pytest.mark.skipif(os.name == "nt", reason="no modes")
def test_a_file_that_others_could_have_written_reads_as_missing(tmp_path):
    path = tmp_path / "entry"
    jit_cache._write(path, b"content")
    assert path.stat().st_mode & 0o777 == 0o600
    for mode in (0o620, 0o602):
        path.chmod(mode)
        assert jit_cache._read(path) is None


@pytest.mark.skipif(os.name == "nt", reason="no modes")
def test_a_folder_that_others_could_write_to_is_not_used(warm):
    assert all(p.parent.stat().st_mode & 0o777 == 0o700 for p in warm.entries())
    warm.cache.chmod(0o777)
    assert warm.run(CALL) == COMPILED


def test_an_unwritable_home_costs_the_cache_and_nothing_else(sandbox):
    blocked = sandbox.folder / "file"
    blocked.touch()  # a folder below a file: refused to root too
    home = {"HOME": str(blocked), "XDG_CACHE_HOME": None, "SCRATCHML_CACHE_DIR": None}
    assert sandbox.run(CALL, **home) == COMPILED


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="XDG is Linux's")
def test_the_folder_is_in_the_users_cache_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("SCRATCHML_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert jit_cache._parent_folder() == tmp_path / ".cache" / "scratchml"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert jit_cache._parent_folder() == tmp_path / "xdg" / "scratchml"
    monkeypatch.setenv("SCRATCHML_CACHE_DIR", str(tmp_path / "own"))
    assert jit_cache._parent_folder() == tmp_path / "own"


def test_bounds_checks_work_with_a_warm_cache_and_leave_it_alone(warm):
    beyond = CALL.replace("np.arange(4.0), 4", "np.arange(4.0), 5")
    before = warm.entries()
    process = warm.start(beyond, NUMBA_BOUNDSCHECK="1")
    assert "IndexError" in process.communicate()[1]
    assert warm.entries() == before


def test_settings_of_the_code_generator_have_entries_of_their_own(warm):
    assert warm.run(CALL, NUMBA_OPT="1") == COMPILED
    assert not jit_cache._HARMLESS.search("OPT")
    assert jit_cache._HARMLESS.search("NUMBA_NUM_THREADS")


def test_eight_processes_share_one_cold_cache(sandbox):
    processes = [sandbox.start(CALL) for _ in range(8)]
    outputs = [sandbox.finish(p) for p in processes]
    assert all(out.startswith("12.0") for out in outputs)
    assert sandbox.run(CALL) == LOADED
    assert len({p.name for p in sandbox.entries()}) == len(sandbox.entries())  # no leftovers


def test_code_younger_than_the_process_is_not_stored(sandbox):
    edit = """
    from pathlib import Path
    import scratchml.mini.callee as callee
    Path(callee.__file__).touch()
    """
    assert sandbox.run(dedent(edit) + CALL) == COMPILED
    assert sandbox.entries() == []


def test_old_stamps_are_forgotten(warm):
    for i in range(12):
        folder = warm.cache / f"{i:024x}"
        folder.mkdir(mode=0o700)
        os.utime(folder, (i, i))
    (warm.cache / "something else").mkdir()
    assert warm.run(CALL) == LOADED
    names = {p.name for p in warm.cache.iterdir()}
    assert len(names) == 9  # eight stamps and what is not ours to remove
    assert "something else" in names


def test_without_numbas_internals_there_is_no_cache_and_no_error(sandbox):
    hide = """
    import numba.core.compiler, numba.core.serialize
    del numba.core.compiler.CompileResult._reduce
    """
    assert sandbox.run(dedent(hide) + CALL) == COMPILED
    assert sandbox.entries() == []


def test_warmup_compiles_every_entry_kernel(sandbox):
    code = """
    from scratchml._core.jit_tools import compile_all, entry_kernels, info
    seen = []
    n = compile_all(lambda done, total, name: seen.append((done, total, name)))
    assert n == len(seen) == sum(len(k.dtypes()) for k in entry_kernels()), seen
    assert [done for done, _, _ in seen] == list(range(n))
    assert "scratchml.mini.caller.total float32" in [name for _, _, name in seen]
    print(info()["cache_folder"])
    """
    assert sandbox.run(code).startswith(str(sandbox.cache))
    assert sandbox.run(CALL.replace("total", "partition").replace(", 4)", ")")).endswith(" 0")


def test_signature_and_options_have_entries_of_their_own(tmp_path):
    def kernel():
        pass

    def path(signature, **options):
        return jit_cache.KernelCache(tmp_path, kernel, options)._path(signature)

    fast = frozenset({"contract", "nsz"})
    paths = [path("()", nogil=True), path("(x)", nogil=True), path("()", nogil=True, fastmath=fast)]
    assert len(set(paths)) == 3
    assert paths[2] == path("()", fastmath={"nsz", "contract"}, nogil=True)  # whatever the order
