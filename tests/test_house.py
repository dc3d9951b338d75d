"""The laws of the house (see docs/). Each failure says which law, where, and what to do instead."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.source import ALL, CONFIGS, PACKAGES, ROOT, files, is_at, is_in, lawful, lines, modules

# Where Meta's wire is spoken: both directions of messages, the Graph-shaped API, endpoint bots, signup, the emulator.
WIRE = (
    "botruntime/inbound/payload",
    "botruntime/transports/",
    "botruntime/graph/",
    "botruntime/hosting/endpoint",
    "botruntime/emulator/",
    "marketplace/embedded_signup",
    "marketplace/graph",
)
HANDSHAKE = "botruntime/inbound/door.py"  # the one place that answers Meta's GET
META_KEYS = {
    "biz_opaque_callback_data",
    "button_reply",
    "code_verification_status",
    "error_data",
    "error_subcode",
    "error_user_msg",
    "fb_exchange_token",
    "fbtrace_id",
    "from_user_id",
    "granular_scopes",
    "hub.challenge",
    "hub.mode",
    "hub.verify_token",
    "is_on_biz_app",
    "list_reply",
    "message_echoes",
    "messaging_product",
    "nfm_reply",
    "override_callback_uri",
    "parent_user_id",
    "platform_type",
    "recipient_type",
    "target_ids",
    "to_user_id",
    "whatsapp_business_account",
    "whatsapp_business_management",
    "whatsapp_business_messaging",
}
NETWORK = (
    "aiohttp",
    "asyncio.open_connection",
    "asyncio.start_server",
    "http.client",
    "httpx",
    "pycurl",
    "requests",
    "smtplib",
    "socket",
    "urllib.request",
    "urllib3",
)
# Who may open a connection to anything but PostgreSQL and Valkey.
WINDOWS = (
    "botruntime/emulator/",
    "botruntime/hosting/endpoint",
    "botruntime/inbound/",
    "botruntime/outbound/sender",
    "botruntime/pages/",
    "botruntime/transports/",
    "marketplace/embedded_signup",
    "marketplace/graph",
    "marketplace/mail",
    "marketplace/rails/",
)
FLASK = ("flask", "flask_limiter", "flask_login", "flask_sqlalchemy", "werkzeug", "wtforms")


def test_catalog_imports_no_sibling() -> None:
    broken = [found for module in modules("catalog") for found in module.imports_of("marketplace", "botruntime")]
    lawful(
        "catalog is the shared record: it imports neither process. Move the rule into catalog, or its caller.", broken
    )


def test_the_two_processes_never_import_each_other() -> None:
    broken = [found for module in modules("marketplace") for found in module.imports_of("botruntime")]
    broken += [found for module in modules("botruntime") for found in module.imports_of("marketplace")]
    lawful("marketplace and botruntime meet only in committed rows of catalog.", broken)


def test_the_packages_import_neither_scripts_nor_tests() -> None:
    broken = [found for module in modules(*PACKAGES) for found in module.imports_of("scripts", "tests", "bench")]
    lawful("scripts, tests and bench stand outside the house.", broken)


def test_only_catalog_web_knows_the_web() -> None:
    inner = [module for module in modules("catalog") if not module.name.startswith("catalog/web/")]
    forbidden = (*FLASK, *NETWORK, "rq", "redis", "stripe", "uvicorn")
    broken = [found for module in inner for found in module.imports_of(*forbidden)]
    lawful("outside catalog/web the record knows no HTTP, no queue and no Stripe: pass values in.", broken)


def test_workers_know_no_flask() -> None:
    pages = ("botruntime/pages/", "botruntime/desk/", "botruntime/graph/", "botruntime/emulator/", "botruntime/app.py")
    workers = [module for module in modules("botruntime") if not is_at(module.name, pages)]
    broken = [found for module in workers for found in module.imports_of(*FLASK, "catalog.web")]
    lawful("no Flask in the path of a message: only the runtime's pages may import it.", broken)


def test_nothing_imports_the_emulator() -> None:
    others = [module for module in modules(*PACKAGES) if not module.name.startswith("botruntime/emulator/")]
    broken = [found for module in others for found in module.imports_of("botruntime.emulator")]
    lawful("the emulator is reached over HTTP by configured addresses, like Meta itself.", broken)


def test_the_emulator_imports_nothing_of_the_product_but_texts() -> None:
    allowed = ("catalog.texts", "botruntime.emulator")
    broken = [
        f"{module.name}:{line} imports {what}"
        for module in modules("botruntime/emulator")
        for line, what in module.imports
        if is_in(what, PACKAGES) and not is_in(what, allowed) and what != "catalog.texts"
    ]
    lawful("the emulator is a judge: sharing code with the product would hide the product's mistakes.", broken)


def test_the_sdk_stands_alone() -> None:
    allowed = ("botruntime.sdk", "catalog.manifest", "snowballstemmer", "rapidfuzz")
    broken = [
        f"{module.name}:{line} imports {what}"
        for module in modules("botruntime/sdk")
        for line, what in module.imports
        if not is_in(what, allowed) and what.partition(".")[0] not in sys.stdlib_module_names
    ]
    lawful("the SDK is installable alone: standard library, catalog.manifest and two small libraries.", broken)


def test_bots_import_only_the_sdk_and_the_standard_library() -> None:
    broken = []
    for module in modules("botruntime/bots"):
        own = ".".join(module.dotted.split(".")[:3])
        broken += [
            f"{module.name}:{line} imports {what}"
            for line, what in module.imports
            if not is_in(what, ("botruntime.sdk", own)) and what.partition(".")[0] not in sys.stdlib_module_names
        ]
        broken += module.imports_of(*NETWORK, "subprocess", "os", "pathlib", "sqlite3", "threading")
    lawful("a built-in bot uses the public contract, as any developer's bot must.", broken)


def test_the_manifest_imports_nothing_else_of_catalog() -> None:
    broken = [
        f"{module.name}:{line} imports {what}"
        for module in modules("catalog/manifest")
        for line, what in module.imports
        if is_in(what, PACKAGES) and not is_in(what, ("catalog.manifest",))
    ]
    lawful("the SDK ships catalog.manifest: it must stand without the rest of catalog.", broken)


def test_only_the_two_configs_read_the_environment() -> None:
    broken = []
    for module in modules(*PACKAGES):
        if module.name in CONFIGS:
            continue
        for node in ast.walk(module.tree):
            is_read = isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv")
            if is_read and isinstance(node.value, ast.Name) and node.value.id == "os":
                broken.append(f"{module.name}:{node.lineno}")
        broken += module.imports_of("os.environ", "os.getenv")
    lawful("settings are read in marketplace/config.py and botruntime/config.py: take a Config instead.", broken)


def test_metas_key_names_stay_on_the_wire() -> None:
    broken = [
        f"{module.name}:{line} says {text!r}"
        for module in modules(*PACKAGES)
        if not is_at(module.name, WIRE)
        for line, text in module.strings()
        if text in META_KEYS and not (text.startswith("hub.") and module.name == HANDSHAKE)
    ]
    lawful(f"Meta's key names stay in {', '.join(WIRE)}: translate there, use house words inside.", broken)


def test_only_windows_open_connections() -> None:
    broken = [
        found
        for module in modules(*PACKAGES)
        if not is_at(module.name, WINDOWS)
        for found in module.imports_of(*NETWORK)
    ]
    lawful(f"connections are opened in {', '.join(WINDOWS)}: call those.", broken)


def test_python_files_and_functions_stay_small() -> None:
    # A migration is written by a tool once and never changed.
    written = [module for module in modules(*ALL) if not module.name.startswith("migrations/versions/")]
    broken = [f"{module.name}: {lines(module.path)} lines" for module in written if lines(module.path) > 400]
    for module in written:
        for function in module.functions():
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > 60:
                broken.append(f"{module.name}:{function.lineno} {function.name}: {length} lines")
    lawful("a file over 400 lines or a function over 60 is a room that wants a wall.", broken)


@pytest.mark.parametrize(
    ("folder", "suffix", "most"),
    [("templates", ".html", 200), ("templates", ".txt", 200), ("static", ".css", 150), ("static", ".js", 100)],
)
def test_front_end_files_stay_small(folder: str, suffix: str, most: int) -> None:
    paths = [path for path in files(folder, suffix) if lines(path) > most]
    lawful(f"{suffix} files have at most {most} lines.", [f"{path.relative_to(ROOT)}: {lines(path)}" for path in paths])


def test_templates_obey_the_content_security_policy() -> None:
    banned = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=.application/(ld\+)?json)|\sstyle=|\son[a-z]+=[\"']|javascript:", re.I
    )
    broken = [
        f"{path.relative_to(ROOT)}:{number} {found.group().strip()}"
        for path in files("templates", ".html")
        if "emails" not in path.parts and path.name != "mail.html"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := banned.search(line))
    ]
    lawful("the CSP forbids inline script, style and handlers: use a module in static/js or a class.", broken)


def test_every_module_says_what_it_is() -> None:
    broken = [module.name for module in modules(*ALL) if module.text.strip() and not ast.get_docstring(module.tree)]
    broken = [name for name in broken if not name.startswith("tests/") or name.endswith("conftest.py")]
    lawful("each module begins with a docstring.", broken)


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b|NotImplemented" + "Error")
    broken = [
        f"{module.name}:{number} {found.group()}"
        for module in modules(*ALL)
        for number, line in enumerate(module.text.splitlines(), 1)
        if (found := marks.search(line))
    ]
    lawful("the tree holds no unfinished marks and no stubs.", broken)


def test_no_error_is_swallowed() -> None:
    broken = [
        f"{module.name}:{node.lineno}"
        for module in modules(*PACKAGES, "scripts")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
        and all(isinstance(step, ast.Pass) for step in node.body)
    ]
    lawful("an error is answered, recorded or raised; never passed over.", broken)


def test_job_arguments_are_ids() -> None:
    """Valkey is only the bell: a job's arguments are public codes as text, never data."""
    broken = []
    for module in modules("marketplace", "botruntime"):
        for name, call in module.calls():
            if name not in ("enqueue", "enqueue_after_commit", "enqueue_in", "enqueue_at"):
                continue
            for argument in call.args[1:]:
                source = ast.unparse(argument)
                if not re.search(r"(code|id|session)\)?$|^str\(|^\*", source):
                    broken.append(f"{module.name}:{call.lineno} passes {source}")
    lawful("jobs carry ids only; load the row inside the job.", broken)


def test_rq_always_speaks_json() -> None:
    users = [module for module in modules(*PACKAGES) if module.imports_of("rq")]
    broken = [
        module.name
        for module in users
        if "JSONSerializer" not in module.text and re.search(r"\b(Queue|Worker)\(", module.text)
    ]
    lawful("queues and workers use rq.serializers.JSONSerializer: pickles run code.", broken)


def test_no_lock_names_a_place() -> None:
    broken = [
        f"{name}:{number}"
        for name in ("requirements.txt", "requirements-test.txt")
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1)
        if "://" in line or line.startswith("--") or ("==" in line and not line.rstrip().endswith("\\"))
    ]
    lawful("the locks hold versions and hashes only; where packages come from is the machine's business.", broken)


def pinned(*names: str) -> set[str]:
    return {name for lock in names for name in re.findall(r"^([a-z0-9._-]+)==", (ROOT / lock).read_text(), re.M)}


@pytest.mark.parametrize(
    ("folders", "locks"),
    [(PACKAGES, ("requirements.txt",)), (("tests", "bench"), ("requirements.txt", "requirements-test.txt"))],
    ids=["product", "tests"],
)
def test_everything_imported_is_pinned(folders: tuple[str, ...], locks: tuple[str, ...]) -> None:
    own, brought = {*ALL, "wsgi"}, packages_distributions()
    broken = []
    for module in modules(*folders):
        for line, what in module.imports:
            top = what.partition(".")[0]
            wheels = {name.lower().replace("_", "-") for name in brought.get(top, [])}
            if top not in own and top not in sys.stdlib_module_names and not wheels & pinned(*locks):
                broken.append(f"{module.name}:{line} imports {what}")
    lawful("what is imported stands in requirements.in (tests: requirements-test.in); then run scripts/lock.", broken)
