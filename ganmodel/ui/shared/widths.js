// @ts-check
// A remedy for WebKit, which leaves out rules nested in an @media that did not hold when it read the
// style sheet, also once that holds: a tablet that is turned would keep the wide page.

/** Has WebKit read the page's styles again whenever a condition in them changes. */
export function rereadStylesAsTheScreenChanges() {
  if (navigator.vendor !== "Apple Computer, Inc.") return;
  /** @type {HTMLLinkElement | null} */
  const link = document.querySelector('link[rel="stylesheet"][href^="ganmodel-static/"]');
  if (!link?.sheet) return;
  for (const condition of conditionsIn(link.sheet.cssRules)) {
    matchMedia(condition).addEventListener("change", () => {
      link.disabled = true;
      link.disabled = false;
    });
  }
}

/**
 * @param {CSSRuleList} rules
 * @param {Set<string>} found
 */
function conditionsIn(rules, found = new Set()) {
  for (const rule of rules) {
    if (rule instanceof CSSMediaRule) found.add(rule.conditionText);
    if ("cssRules" in rule) conditionsIn(/** @type {CSSGroupingRule} */ (rule).cssRules, found);
  }
  return found;
}
