// What both tabs need: who this browser is, small pictures on canvases, plotly on demand, the theme.
window.ganmodel = (() => {
  const remembered = {}; // stands in where the browser allows no storage

  function get(key) {
    try { return localStorage.getItem("ganmodel." + key) ?? remembered[key] ?? null; }
    catch { return remembered[key] ?? null; }
  }

  function set(key, value) {
    remembered[key] = value;
    try { localStorage.setItem("ganmodel." + key, value); } catch { /* kept for this visit only */ }
  }

  // What each tab has as its own. A new tab begins with what was chosen last in any.
  const tab = {
    get(key) {
      try { return sessionStorage.getItem("ganmodel." + key) ?? get(key); } catch { return get(key); }
    },
    set(key, value) {
      set(key, value);
      try { sessionStorage.setItem("ganmodel." + key, value); } catch { /* kept for this visit only */ }
    },
  };

  // The secret that makes this browser's runs its own. The server only ever keeps its sha256.
  function token() {
    let secret = get("token");
    if (!/^[0-9a-f]{64}$/.test(secret ?? "")) {
      const bytes = crypto.getRandomValues(new Uint8Array(32));
      secret = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
      set("token", secret);
    }
    return secret;
  }

  // The host of a class comes by an address that holds the secret of their runs; it is kept as
  // theirs, and taken out of the address, so that nobody reads it over their shoulder.
  const asked = new URL(location.href), host = asked.searchParams.get("host");
  if (host !== null) {
    if (/^[0-9a-f]{64}$/.test(host)) set("token", host);
    asked.searchParams.delete("host");
    history.replaceState(null, "", asked);
  }

  // Words with {holes} filled from `values`; a number gets its thousands apart.
  function fill(words, values) {
    return words.replace(/\{(\w+)\}/g, (hole, name) => {
      const value = values[name] ?? hole;
      return typeof value === "number" ? value.toLocaleString("en-US") : value;
    });
  }

  // Draws picture number `index` of an answer of the server's `draw` on a canvas, pixel for pixel.
  function paint(canvas, answer, index = 0) {
    const { width, height, channels, bytes } = answer;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const start = index * width * height * channels;
    for (let i = 0; i < width * height; i++) {
      for (let k = 0; k < 3; k++) {
        image.data[4 * i + k] = bytes[start + i * channels + (channels === 3 ? k : 0)];
      }
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }

  function decode(base64) {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  }

  let loading = null;
  function plotly() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = GANMODEL_PLOTLY;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => { loading = null; reject(new Error("plotly.js did not load")); };
      document.head.append(script);
    });
    return loading;
  }

  // Where others find this page: where this browser found it, or, on the machine that serves it, what
  // the server knows of itself; `reaches` is false where no other machine can follow it.
  const OWN = /^(localhost|.*\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;
  const onlyHere = (address) => OWN.test(new URL(address, location.href).hostname);
  let known = "";
  function forOthers() {
    const here = location.origin + location.pathname;
    if (!onlyHere(here)) return { base: here, reaches: true };
    const reaches = !onlyHere(known);
    return { base: reaches ? known : here, reaches };
  }
  function setAddress(address) { known = address ?? ""; }

  // What dragging does in a chart: with a mouse it zooms, a finger scrolls the page.
  const drags = matchMedia("(pointer: coarse)").matches ? false : "zoom";

  function isDark() {
    return document.body.classList.contains("dark");
  }

  function toggleTheme() {
    document.body.classList.toggle("dark");
    set("theme", isDark() ? "dark" : "light");
    window.dispatchEvent(new CustomEvent("ganmodel:theme"));
  }

  function applyTheme() {
    const chosen = get("theme");
    const asked = new URLSearchParams(location.search).has("__theme");
    if (chosen && !asked) document.body.classList.toggle("dark", chosen === "dark");
  }

  function openTab(title) {
    const tabs = [...document.querySelectorAll('#page-tabs [role="tab"]')];
    const wanted = tabs.find((tab) => tab.textContent.trim() === title);
    wanted?.click();
    return Boolean(wanted);
  }

  // An address of the Playground opens it; what stands in it, that tab reads once it is built.
  function followAddress() {
    if (!location.hash.startsWith("#play&")) return;
    if (!openTab("Playground")) requestAnimationFrame(followAddress);
  }
  window.addEventListener("hashchange", followAddress);

  // One stop for the tab key in a grid of buttons; the arrow keys move among them.
  function oneStop(cells, columns) {
    [...cells.children].forEach((cell, index) => { cell.tabIndex = index ? -1 : 0; });
    cells.onkeydown = (event) => {
      const all = [...cells.children], here = all.indexOf(document.activeElement);
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const next = all[here + step];
      if (!next) return;
      all[here].tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    };
  }

  // Opens a generator in the Playground, whether or not that tab has been built yet; `seed` as A,
  // as it was after `moment` images (null: the newest).
  function openInPlayground(generator, seed = null, moment = null) {
    window.ganmodel.wanted = { generator, seed, moment };
    openTab("Playground");
    window.dispatchEvent(new CustomEvent("ganmodel:open"));
  }

  return { get, set, tab, token, mode: GANMODEL_MODE, group: GANMODEL_CLASS, words: GANMODEL_WORDS, fill, paint, decode, plotly, drags, isDark, toggleTheme, applyTheme, oneStop, followAddress,
           forOthers, onlyHere, setAddress, openTab, openInPlayground, wanted: null, run: () => null };
})();
