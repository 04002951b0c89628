"""The services of a process are made as its settings say, wherever a process begins."""

import ast
from pathlib import Path

from core.settings import Settings
from store import Store
from sync.services import Services

ROOT = Path(__file__).parents[3]
SHIPPED = [path for part in ("api", "reports", "sync") for path in (ROOT / part).rglob("*.py")]


def test_a_process_judges_by_the_offices_own_values_and_knows_the_networks_of_webhooks(
    store: Store, tmp_path: Path
) -> None:
    line = "{from: 2020-01-01, value: 9, source: 试行, grade: P, verified_on: null}"
    own = f"insurance.transfer_apply_days:\n  values:\n  - {line}\n"
    (tmp_path / "insurance.yaml").write_text(own, encoding="utf-8")
    shipped = Services.open(store, Settings())
    ours = Services.open(store, Settings(policy=str(tmp_path), webhook_networks="10.20.0.0/16"))
    assert ours.engine.policy.version != shipped.engine.policy.version
    assert [str(network) for network in ours.webhook_networks] == ["10.20.0.0/16"]
    assert shipped.webhook_networks == ()


def test_no_process_is_begun_without_its_settings() -> None:
    """Two processes over one database that judge by two policies judge the whole ledger to and fro."""
    begun = {
        path.relative_to(ROOT).as_posix()
        for path in SHIPPED
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Services.build"
    }
    assert begun == {"api/cli/permissions.py"}, (
        "use Services.open; only the page of permissions has no database"
    )
