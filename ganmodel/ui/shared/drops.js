// @ts-check
// Files that are dropped where nothing takes them: a browser would leave the page for them. Whatever
// takes files calls preventDefault on what is dragged over it.

export function refuseStrayDrops() {
  for (const kind of /** @type {const} */ (["dragenter", "dragover", "drop"])) {
    window.addEventListener(kind, (event) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
  }
}
