"""The source as the laws of the house see it: files, imports, names and strings."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("catalog", "marketplace", "botruntime")
CONFIGS = ("marketplace/config.py", "botruntime/config.py")
ALL = (*PACKAGES, "scripts", "tests", "bench", "migrations")


@dataclass(frozen=True)
class Module:
    """One Python file."""

    path: Path

    @property
    def name(self) -> str:
        """``package/room/file.py``."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def dotted(self) -> str:
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.name)

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Line and dotted name of everything imported, ``from a import b`` as ``a.b``. Typing-only ones count too."""
        found: list[tuple[int, str]] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        return found

    def imports_of(self, *packages: str) -> list[str]:
        """``file:line imports x`` for everything imported from ``packages``."""
        return [f"{self.name}:{line} imports {what}" for line, what in self.imports if is_in(what, packages)]

    def strings(self) -> Iterator[tuple[int, str]]:
        """Every string that is not a docstring."""
        explained = {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained:
                yield node.lineno, node.value

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """The last part of the called name, and the call."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield last_name(node.func), node


def is_in(dotted: str, packages: tuple[str, ...]) -> bool:
    return any(dotted == package or dotted.startswith(package + ".") for package in packages)


def last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every Python file below ``folders``; file names without ``.py`` name one file."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(Module(path) for path in paths)


def is_at(name: str, places: tuple[str, ...]) -> bool:
    """Whether a file lies at one of ``places``: a folder ``a/b/`` or the beginning of a file's name ``a/b``."""
    return any(name.startswith(place) for place in places)


@cache
def files(folder: str, suffix: str) -> tuple[Path, ...]:
    return tuple(sorted((ROOT / folder).rglob(f"*{suffix}")))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def leaves(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Key and sentence of every leaf of a catalogue, plural forms apart."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"\{([a-z_]+)", sentence))


def lawful(law: str, broken: list[str]) -> None:
    """Fail with the law and every place that breaks it."""
    if broken:
        pytest.fail("\n  ".join([law, *broken]), pytrace=False)
