// The browser's Back and Forward between the page's two tabs. What stands in the address, each tab
// writes itself; here is only which of them an entry of the history shows.
(() => {
  const TABS = '#page-tabs [role="tab"]';
  const titleOf = (tab) => tab.textContent.trim();
  const selected = () => [...document.querySelectorAll(TABS)].find((tab) => tab.ariaSelected === "true");
  // The first entry, so that Back from a link that was followed by hand leads to it.
  if (history.state?.tab === undefined && !location.hash.startsWith("#play&")) history.replaceState({ tab: "Train" }, "");
  let going = false;               // through the history: an entry is there already

  // Before the tabs themselves hear of it, so that each writes its address into its own entry.
  document.addEventListener("click", (event) => {
    const tab = event.target.closest?.(TABS), before = selected();
    if (!tab || going || !before || tab === before) return;
    const arrives = history.state?.tab === undefined && location.hash.startsWith("#play&");
    if (arrives) { history.replaceState({ tab: titleOf(tab) }, ""); return; }   // by a link, not by hand
    history.replaceState({ tab: titleOf(before) }, "");
    history.pushState({ tab: titleOf(tab) }, "");
  }, true);

  window.addEventListener("popstate", (event) => {
    if (event.state?.tab === undefined) return;
    going = true;
    ganmodel.openTab(event.state.tab);
    going = false;
  });
})();
