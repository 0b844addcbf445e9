// The page's head, and the drawer with the visitor's runs: cards, a menu on each, two compared.
const words = ganmodel.words.drawer, fill = ganmodel.fill;
const part = (name) => element.querySelector(`[data-part="${name}"]`);
const drawer = element.querySelector("#runs-drawer"), opener = element.querySelector("#runs-open");
const UNDO_FOR = 10000, LOOK_EVERY = 3000;   // milliseconds
const ticked = new Set();
let cards = [], films = [], deleted = null, undoTimer = null, shown = "", editing = null;

function say(sentence) { part("drawer-said").firstElementChild.textContent = sentence; }

async function call(name, more) {
  try {
    const answer = await server[name]({ token: ganmodel.token(), ...more });
    if (answer.error) { say(answer.error); return null; }
    return answer;
  } catch { say(words.NO_ANSWER); return null; }
}

function make(tag, text = "", more = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  return Object.assign(made, more);
}

// --- the list ---------------------------------------------------------------------------------

async function count() {
  const found = await call("runs_of", { count: true });
  if (found) opener.textContent = found.count ? fill(words.RUNS_COUNT, { count: found.count }) : words.RUNS;
}

async function list() {
  const found = await call("runs_of", {});
  if (!found) return;
  opener.textContent = found.count ? fill(words.RUNS_COUNT, { count: found.count }) : words.RUNS;
  ({ runs: cards, films } = found);
  for (const name of [...ticked]) if (![...cards, ...films].some((card) => card.name === name)) ticked.delete(name);
  if (editing || element.querySelector(".gm-card details[open]")) return;   // not under the hand
  const now = JSON.stringify([[...cards, ...films].map(({ age, ...card }) => card), Math.floor(Date.now() / 60000), [...ticked]]);
  if (now === shown) return;
  shown = now;
  const focused = document.activeElement?.dataset?.key;
  part("cards").replaceChildren(...cards.map((card) => cardOf(card)));
  part("film-cards").replaceChildren(...films.map((card) => cardOf(card, true)));
  if (focused) element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  showHint();
}

function showHint() {
  part("drawer-hint").textContent = !cards.length ? words.NONE : ticked.size < 2 ? words.TICK : "";
  part("drawer-compare").hidden = ticked.size !== 2;
}

function ageOf(seconds) {
  if (seconds < 60) return words.JUST_NOW;
  const [n, unit] = seconds < 5400 ? [seconds / 60, words.MINUTES] : seconds < 129600 ? [seconds / 3600, words.HOURS] : [seconds / 86400, words.DAYS];
  return fill(words.AGO, { time: fill(unit, { n: Math.round(n) }) });
}

function press(text, key, action, more = {}) {
  const made = make("button", text, { type: "button", ...more });
  made.dataset.key = key;
  made.addEventListener("click", action);
  return made;
}

function cardOf(card, film = false) {
  const box = make("li", "", { className: "gm-card" }), about = make("div", "", { className: "gm-card-about" });
  box.dataset.run = card.name;
  if (card.thumb) box.append(make("img", "", { src: card.thumb, alt: "", width: 72, height: 72 }));
  else box.append(make("div", "", { className: "gm-no-thumb" }));
  about.append(make("b", card.title));
  if (card.trouble) about.append(make("span", card.trouble));
  else {
    const state = words.STATES[card.state] ?? card.state;
    about.append(make("span", [card.data, card.recipe, ...film ? [] : [ageOf(card.age)]].join(" · ")));
    if (!film) about.append(make("span", card.living || card.images_seen < card.images_total
      ? `${state} · ${fill(words.PROGRESS, { seen: card.images_seen, total: card.images_total })}` : state));
    about.append(make("span", card.verdict, { className: "gm-card-verdict" }));
    if (card.origin) about.append(make("span", fill(words.AGAIN, { title: card.origin })));
  }
  const buttons = make("div", "", { className: "gm-card-buttons" });
  if (!card.trouble) buttons.append(press(words.OPEN, card.name + "/open", () => open(card)), tickOf(card));
  if (!film) buttons.append(menuOf(card));
  box.append(about, buttons);
  return box;
}

function tickOf(card) {
  const label = make("label"), box = make("input", "", { type: "checkbox", checked: ticked.has(card.name) });
  box.dataset.key = card.name + "/tick";
  box.setAttribute("aria-label", fill(words.TICK_LABEL, { title: card.title }));
  box.addEventListener("change", () => {
    if (box.checked) ticked.add(card.name); else ticked.delete(card.name);
    if (ticked.size > 2) ticked.delete([...ticked][0]);     // the two ticked last
    for (const other of element.querySelectorAll(".gm-card")) {
      const tick = other.querySelector('input[type="checkbox"]');
      if (tick) tick.checked = ticked.has(other.dataset.run);
    }
    showHint();
  });
  label.append(box, " " + words.TICK_ONE);
  return label;
}

// --- what can be done with one ----------------------------------------------------------------

function menuOf(card) {
  const menu = make("details"), head = make("summary", words.MENU), items = make("div", "", { className: "gm-menu" });
  head.dataset.key = card.name + "/menu";
  head.setAttribute("aria-label", fill(words.MENU_LABEL, { title: card.title }));
  const add = (text, action) => items.append(press(text, `${card.name}/${text}`, async () => { menu.open = false; await action(); }));
  if (!card.trouble) {
    add(words.RENAME, () => rename(card));
    if (card.has_weights) add(words.WEIGHTS, () => download(card, "weights"));
    add(words.ZIP, () => download(card, "zip"));
    add(words.REPRODUCE, () => reproduce(card));
    add(words.LINK, () => link(card));
    if (card.resumable) add(words.RESUME, () => resume(card));
  }
  if (!card.living) add(words.DELETE, () => remove(card));
  menu.append(head, items);
  menu.addEventListener("toggle", () => {
    if (menu.open) for (const other of element.querySelectorAll(".gm-card details[open]")) if (other !== menu) other.open = false;
  });
  return menu;
}

function open(card) {
  drawer.close();
  ganmodel.follow(card.name);
}

async function resume(card) {
  const done = await call("file", { run: card.name, action: "resume" });
  if (done) open(card);
}

function rename(card) {
  const title = [...element.querySelectorAll(".gm-card")].find((box) => box.dataset.run === card.name)?.querySelector("b");
  if (!title) return;
  const form = make("form", "", { className: "gm-rename" }), input = make("input", "", { value: card.title, maxLength: 60 });
  input.setAttribute("aria-label", words.RENAME_LABEL);
  form.append(input, make("button", words.SAVE, { type: "submit" }));
  const end = () => { editing = null; shown = ""; list(); };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const done = await call("file", { run: card.name, action: "rename", title: input.value });
    if (!done) { input.focus(); return; }
    say(done.said);
    end();
    if (ganmodel.run() === card.name) ganmodel.follow(card.name);
  });
  input.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); end(); } });
  editing = card.name;
  title.replaceWith(form);
  input.select();
}

// As a form that is posted, so that no secret is in an address.
function download(card, what) {
  const form = make("form", "", { method: "post", action: "ganmodel-download", hidden: true });
  for (const [name, value] of Object.entries({ token: ganmodel.token(), run: card.name, what })) {
    form.append(make("input", "", { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
  form.remove();
}

async function reproduce(card) {
  const found = await call("reproduce", { run: card.name });
  if (!found) return;
  drawer.close();
  window.dispatchEvent(new CustomEvent("ganmodel:fill", { detail: found }));
}

async function link(card) {
  const made = await call("file", { run: card.name, action: "link" });
  if (!made) return;
  const { base, reaches } = ganmodel.forOthers(), address = new URL(base);
  address.searchParams.set("run", card.name);
  address.searchParams.set("key", made.key);
  // Where strangers share a machine, a link shows first what costs it least.
  if (ganmodel.mode === "hosted") address.hash = "#play&weights=run:" + card.name;
  const said = reaches ? made.said : `${made.said} ${words.ONLY_HERE}`;
  try {
    await navigator.clipboard.writeText(address.href);
    say(fill(words.LINK_COPIED, { said }));
  } catch { say(fill(words.LINK_SHOWN, { said, link: address.href })); }
  drawer.dataset.link = address.href;
}

async function remove(card) {
  const done = await call("file", { run: card.name, action: "delete" });
  if (!done) return;
  deleted = card.name;
  say(done.said);
  part("drawer-undo").hidden = false;
  part("drawer-undo").focus();
  clearTimeout(undoTimer);
  undoTimer = setTimeout(forgetDeleted, UNDO_FOR);
  if (ganmodel.run() === card.name) ganmodel.forgetRun();
  await list();
}

function forgetDeleted() {
  clearTimeout(undoTimer);
  deleted = null;
  part("drawer-undo").hidden = true;
}

part("drawer-undo").addEventListener("click", async () => {
  const name = deleted;
  forgetDeleted();
  const done = await call("file", { run: name, action: "undo" });
  if (done) say(done.said);
  await list();
});

// --- a class ------------------------------------------------------------------------------------

const room = element.querySelector("#class-dialog"), roomOpener = element.querySelector("#class-open");
if (ganmodel.group) {
  part("class-here").hidden = !ganmodel.onlyHere(ganmodel.group.address);
  roomOpener.hidden = false;
  part("class-qr").src = ganmodel.group.qr;
  part("class-address").textContent = ganmodel.group.address;
  roomOpener.addEventListener("click", () => room.showModal());
  part("class-close").addEventListener("click", () => room.close());
  room.addEventListener("click", (event) => { if (event.target === room) room.close(); });
  room.addEventListener("close", () => roomOpener.focus());
}

// --- opening and closing ------------------------------------------------------------------------

opener.addEventListener("click", async () => {
  say("");
  showList();
  drawer.showModal();
  await list();
});
part("drawer-close").addEventListener("click", () => drawer.close());
drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
drawer.addEventListener("close", () => { editing = null; shown = ""; opener.focus(); });
window.addEventListener("ganmodel:runs", () => { if (drawer.open) list(); else count(); });
setInterval(() => { if (drawer.open && !document.hidden && part("drawer-compared").hidden) list(); }, LOOK_EVERY);
count();
