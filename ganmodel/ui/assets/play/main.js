// Which generator, where one stands when the tab opens, and which way of moving is shown.
const choice = within("#play-weights-choice");
const LOOK_EVERY = 3000;           // milliseconds: a run that still trains keeps getting better
let listed = "", way = "ab";

// --- ways to move -----------------------------------------------------------------------------------

const tabs = [...element.querySelectorAll("[data-way]")];
function chooseWay(name) {
  way = name;
  endPreview();
  for (const tab of tabs) {
    const chosen = tab.dataset.way === name;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    within(`[data-panel="${tab.dataset.way}"]`).hidden = !chosen;
    if (chosen && tab.hasAttribute("data-more")) showMoreWays(true);
  }
  ganmodel.tab.set("way", name);
  if (name === "sliders" && !zBox.children.length) buildSliders(SLIDERS_AT_ONCE);
  if (name === "map") drawMap();
  if (name === "found") showFound();
  if (name === "time") showTable();
}

function showMoreWays(open) {
  within(".gm-ways").classList.toggle("gm-all-ways", open);
  part("more-ways").setAttribute("aria-expanded", open);
  part("more-ways").hidden = open;
}
part("more-ways").addEventListener("click", () => showMoreWays(true));
for (const tab of tabs) {
  tab.addEventListener("click", () => chooseWay(tab.dataset.way));
  tab.addEventListener("keydown", (event) => {
    const shown = tabs.filter((one) => one.offsetParent), step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = shown[(shown.indexOf(tab) + step + shown.length) % shown.length];
    chooseWay(next.dataset.way);
    next.focus();
  });
}

// --- variety and classes ------------------------------------------------------------------------------

const psi = within("#play-psi");
function showPsi() {
  const [range, number] = psi.querySelectorAll("input");
  range.value = place.psi;
  if (document.activeElement !== number) number.value = place.psi;
}
for (const input of psi.querySelectorAll("input")) {
  input.addEventListener("input", () => {
    const value = ganmodel.numberIn(input);
    if (value === null) return;
    place.psi = value;
    showPsi();
    changed();
  });
}

function showClasses() {
  const { classes } = facts;
  within("#play-class").hidden = part("grid-class-row").hidden = !classes.length;
  if (!classes.length) return;
  const options = (first) => [...first, ...classes.map((name, k) => new Option(name, k))];
  if (part("class").dataset.classes !== classes.join()) {
    part("class").dataset.classes = classes.join();
    part("class").replaceChildren(...options([]));
    part("other").replaceChildren(...options([new Option(words.BLEND_NONE, "")]));
  }
  part("class").value = place.label;
  part("other").value = place.other ?? "";
  part("blend-row").hidden = place.other === null;
  part("blend").value = place.blend;
  part("blend-shown").textContent = Math.round(100 * place.blend) + " %";
}
part("class").addEventListener("change", () => { place.label = Number(part("class").value); changed(); });
part("other").addEventListener("change", () => {
  place.other = part("other").value === "" ? null : Number(part("other").value);
  place.blend = place.other === null ? 0 : 0.5;
  showClasses();
  changed();
});
part("blend").addEventListener("input", () => { place.blend = Number(part("blend").value); showClasses(); changed(); });

// --- generators -----------------------------------------------------------------------------------------

async function list() {
  const found = await call("generators", { token: ganmodel.token(), ...linked });
  if (!found) return [];
  const now = JSON.stringify(found);
  if (now !== listed) {
    listed = now;
    choice.replaceChildren(...[["shipped", words.SHIPPED], ["run", words.YOURS]].map(([kind, label]) => {
      const group = document.createElement("optgroup");
      group.label = label;
      group.append(...found.filter((g) => g.id.startsWith(kind + ":")).map((g) => {
        const option = new Option(g.reason ? fill(words.UNUSABLE, { label: g.label }) : g.label, g.id);
        option.disabled = Boolean(g.reason);
        option.title = g.reason ?? "";
        return option;
      }));
      return group;
    }).filter((group) => group.children.length));
    choice.value = where.generator ?? "";
  }
  if (!found.some((g) => !g.reason)) say(found[0]?.reason ?? words.NO_GENERATOR);
  return found.filter((g) => !g.reason).map((g) => g.id);
}

// What can be done with the generator, and everything that depends on it. False where it is gone.
async function learn() {
  const answer = await call("describe", standing({ place: "" }));
  if (!answer) return false;
  facts = answer;
  if (facts.classes.length) {
    const sound = (label) => label !== null && label < facts.classes.length;
    if (!sound(place.label)) place.label = typeof place.stops[0] === "number" ? place.stops[0] % facts.classes.length : 0;
    if (!sound(place.other)) Object.assign(place, { other: null, blend: 0 });
  } else Object.assign(place, { label: null, other: null, blend: 0 });
  // A point of another generator's noise means nothing in this one's, unless it fits.
  if (place.rest && place.rest.length !== facts.z_dim) place.rest = null;
  place.stops = place.stops.map((stop, k) => typeof stop === "number" || stop.length === facts.z_dim ? stop : START.stops[k % 2]);
  part("about").textContent = fill(words.SEEN, { images: facts.moments.at(-1) });
  return true;
}

function showEverything() {
  choice.value = where.generator ?? "";
  showClasses();
  showPsi();
  showStops();
  showShare();
  for (const radio of element.querySelectorAll("#play-path input")) radio.checked = radio.value === place.path;
  if (zBox.children.length) buildSliders(zBox.children.length);
  foundBox.replaceChildren();
  directions = [];
  foundKey = mapKey = tableKey = null;
  showMoment();
}

// Goes to another place, maybe with another generator; where that is gone, all stays as it was.
async function stand(there, newPlace) {
  const before = { ...where, facts, place };
  Object.assign(where, there);
  place = newPlace;
  spot = null;
  if (!(await learn())) {
    ({ facts, place } = before);
    Object.assign(where, { generator: before.generator, moment: before.moment });
    choice.value = where.generator ?? "";
    return false;
  }
  showEverything();
  changed();
  return true;
}

choice.addEventListener("change", () => stand({ generator: choice.value, moment: null }, { ...place, rest: null }));

// A run that still trains: new moments lengthen the slider, and the picture is drawn anew.
async function showTicks() {
  if (!where.generator?.startsWith("run:") || where.moment !== null) return;
  const newest = facts?.moments.at(-1), answer = await call("describe", standing({ place: "" }));
  if (!answer || where.moment !== null) return;
  facts = answer;
  showTime();
  if (facts.moments.at(-1) !== newest) { part("about").textContent = fill(words.SEEN, { images: facts.moments.at(-1) }); draw(); fetchFrames(); }
}
setInterval(async () => {
  if (document.hidden || !element.offsetParent) return;
  await list();
  showTicks();
}, LOOK_EVERY);

// --- remembered, and in the address ------------------------------------------------------------------------

function remember() {
  ganmodel.tab.set("place", JSON.stringify({ generator: where.generator, moment: where.moment, text: placeText() }));
  if (element.offsetParent) history.replaceState(history.state, "", hash());
}
// The address tells of this tab only while it is open.
let opened = false;
new IntersectionObserver((entries) => {
  const seen = entries.at(-1).isIntersecting;
  if (seen && where.generator) history.replaceState(history.state, "", hash());
  else if (opened && !element.offsetParent && location.hash.startsWith("#play")) history.replaceState(history.state, "", location.pathname + location.search);
  opened ||= seen;
}).observe(element);

// "#play&weights=…&moment=…&stops=…" as { generator, moment, text }; null where it is no such address.
function fromAddress(address) {
  if (!address.startsWith("#play&")) return null;
  const fields = new URLSearchParams(address.slice(6)), generator = fields.get("weights");
  const moment = fields.get("moment");
  const text = address.slice(6).split("&").filter((field) => !/^(weights|moment)=/.test(field)).join("&");
  return { generator, moment: moment === null ? null : Number(moment), text };
}

function remembered() {
  try { return JSON.parse(ganmodel.tab.get("place")); } catch { return null; }
}

// Where to stand first: a link, what another tab asked for, where one stood last, else the first generator.
async function arrive(address) {
  const usable = await list();
  const kept = remembered(), fallback = { generator: usable[0], moment: null };
  const stay = async () => {
    const known = kept && usable.includes(kept.generator);
    if (!known || !(await stand({ generator: kept.generator, moment: kept.moment }, readPlace(kept.text)))) {
      if (fallback.generator) await stand(fallback, structuredClone(START));
    }
  };
  if (!address) { if (usable.length) await stay(); return; }
  const gone = !usable.includes(address.generator);
  let why = "";
  if (!gone) {
    const answer = await server.draw({ token: ganmodel.token(), ...linked, ...address, place: address.text }).catch(() => null);
    why = answer?.error ?? "";
    if (answer && !why && await stand({ generator: address.generator, moment: address.moment }, readPlace(address.text))) return;
  }
  if (!where.generator) await stay();
  say(gone ? words.NOT_HERE : fill(words.BAD_LINK, { why }));
}

// What the Train tab asks to see: a run's generator, maybe one of its samples as A.
async function open() {
  if (!ganmodel.wanted) return;
  const { generator, seed, moment } = ganmodel.wanted;
  ganmodel.wanted = null;
  await list();
  const there = { ...place, stops: [...place.stops], rest: null };
  // The sample itself: its start number as A, its class the one that goes with that, nothing between.
  if (seed !== null) Object.assign(there, { at: 0, psi: 1, label: null, other: null }).stops[0] = seed;
  await stand({ generator, moment }, there);
}
window.addEventListener("ganmodel:open", open);
window.addEventListener("hashchange", (event) => {
  // Not location's: what was moved just before may have been written there in between.
  const address = fromAddress(new URL(mendedAddress(event.newURL)).hash);
  if (address) arrive(address);
});

(async () => {
  chooseWay(tabs.find((tab) => tab.dataset.way === ganmodel.tab.get("way"))?.dataset.way ?? "ab");
  const address = fromAddress(location.hash);
  // What another tab asks for is gone to at once, with nothing shown before it.
  if (address || !ganmodel.wanted) await arrive(address);
  await open();
})();
