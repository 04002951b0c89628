"""What axe-core finds wrong with a page for people who do not see it as others do."""

from playwright.sync_api import Page

from tests.web.stage import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
FOUND = """async () => {
  const {violations} = await axe.run(document, {resultTypes: ['violations']});
  return violations.filter((each) => ['serious', 'critical'].includes(each.impact))
    .flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ''}`));
}"""


def wrong_with(page: Page) -> list[str]:
    """Return what axe calls serious or critical; its script is the debugger's, the page's policy would not load it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(FOUND)
    return found
