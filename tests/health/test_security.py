"""What the whole tree keeps to, so that no single place has to be watched for it."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("core", "store", "access", "forms", "ledger", "validators", "sync", "reports", "api")
CALLS = {
    "eval", "exec", "compile", "os.system", "os.popen", "os.execv", "os.spawnv", "pickle.load", "pickle.loads",
    "marshal.loads", "shelve.open", "yaml.load", "yaml.unsafe_load", "subprocess.getoutput", "tempfile.mktemp",
    "flask.render_template", "flask.render_template_string", "render_template_string", "input",
}  # fmt: skip
ALLOWED = {("validators/policy/loader.py", "yaml.load"): "with a loader that is safe by inheritance"}
STARTS_PROCESSES = {"store/embedded.py", "api/cli/processes.py", "api/cli/worker.py"}
SPEAKS = {
    "api/cli/processes.py": "asks its own web process whether it lives",
    "api/cli/demo/phone.py": "is a phone of the demo, and speaks to the server it is given",
    "api/cli/demo/command.py": "speaks to the server it is given",
    "api/cli/demo/office.py": "speaks to the server it is given",
    "api/serving.py": "listens",
    "sync/notify/post.py": "sends news to webhooks, by addresses that it looks at first",
    "store/embedded.py": "looks for a free port",
}
CLIENTS = {
    "requests",
    "httpx",
    "urllib.request",
    "http.client",
    "socket",
    "smtplib",
    "ftplib",
    "aiohttp",
    "telnetlib",
}
CRYPTOGRAPHY = {"hashlib", "hmac", "secrets", "argon2", "cryptography", "pyotp", "ssl"}
MAY_USE_IT = re.compile(
    r"(access|store|sync|api)/.*|forms/\w+\.py|(ledger|validators|reports)/.*|core/ids\.py"
)
DIGESTS_ONLY = re.compile(r"(forms|ledger|validators|reports)/.*|core/ids\.py")


def trees() -> Iterator[tuple[str, ast.Module]]:
    listed = subprocess.run(
        ["git", "ls-files", *FOLDERS, "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if name.endswith(".py") and (name.split("/")[0] in FOLDERS or "/" not in name):
            yield name, ast.parse((ROOT / name).read_text(encoding="utf-8"))


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_nothing_dangerous_is_called():
    for name, tree in trees():
        for function, call in calls(tree):
            assert function not in CALLS or (name, function) in ALLOWED, (
                f"{name}:{call.lineno} calls {function}"
            )
            shell = [word for word in call.keywords if word.arg == "shell"]
            assert not shell, f"{name}:{call.lineno} starts a shell"
            if function.startswith("subprocess."):
                assert name in STARTS_PROCESSES, f"{name}:{call.lineno} starts a process"


def test_no_pattern_is_made_from_data():
    for name, tree in trees():
        for function, call in calls(tree):
            if re.fullmatch(r"re\.(compile|match|fullmatch|search|sub|split|findall|finditer)", function):
                made = call.args[0]
                plain = not isinstance(made, (ast.JoinedStr, ast.BinOp)) or "re.escape" in ast.unparse(made)
                assert plain, f"{name}:{call.lineno} makes a pattern; escape what goes in"


def test_nothing_calls_out():
    for name, tree in trees():
        clients = {
            module for module in imported(tree) if module in CLIENTS or module.split(".")[0] in CLIENTS
        }
        assert not clients or name in SPEAKS, (
            f"{name} imports {clients}; say in docs/security.md who speaks to whom"
        )


def test_no_file_name_comes_from_outside():
    for name, tree in trees():
        if not name.startswith("api/") or name.startswith("api/cli/"):
            continue
        text = ast.unparse(tree)
        assert "request.files" not in text, f"{name}: multipart is not taken"
        assert "request.form" not in text, f"{name}: forms are not taken"
        for function, call in calls(tree):
            for word in call.keywords:
                if word.arg in {"download_name", "attachment_filename"}:
                    assert isinstance(word.value, (ast.Constant, ast.Name)), (
                        f"{name}:{call.lineno} {function}"
                    )


def test_cryptography_is_where_the_inventory_says():
    for name, tree in trees():
        if imported(tree) & CRYPTOGRAPHY or {m.split(".")[0] for m in imported(tree)} & CRYPTOGRAPHY:
            assert MAY_USE_IT.fullmatch(name), f"{name}: add it to 'Keys' in docs/security.md, and here"
            if DIGESTS_ONLY.fullmatch(name):
                used = imported(tree) & CRYPTOGRAPHY
                assert used == {"hashlib"}, f"{name} uses {used}: it may name things by digest, and no more"
        for function, call in calls(tree):
            assert function not in {"hashlib.md5", "hashlib.sha1", "hashlib.new"}, f"{name}:{call.lineno}"


def test_randomness_that_protects_is_from_secrets():
    for name, tree in trees():
        if "random" in imported(tree) and not name.startswith("api/cli/demo/"):
            uses = {function for function, _ in calls(tree) if function.startswith("random.")}
            assert name == "store/client.py", (
                f"{name} uses {uses}: what must not be guessed comes from `secrets`"
            )


def test_no_secret_is_in_the_repository():
    shape = r"BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|mongodb(\+srv)?://[^/@ \"'{]+:[^/@ \"'{]+@"
    found = subprocess.run(
        ["git", "grep", "-InE", shape, "--", ":!tests/health/test_security.py", ":!docs", ":!tests"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.stdout == ""


def test_warnings_are_errors_of_the_tests():
    assert 'filterwarnings = ["error"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
