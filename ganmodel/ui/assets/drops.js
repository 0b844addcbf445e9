// Files that are dropped where nothing takes them: without this, a browser would leave the page for
// them. Whoever takes files calls preventDefault on what is dragged over it.
for (const kind of ["dragenter", "dragover", "drop"]) {
  window.addEventListener(kind, (event) => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  });
}
