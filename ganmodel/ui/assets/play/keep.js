// Keeping and sharing: files, link, command, Python, a dropped recipe; undo and redo.
const keepMenu = within("#play-keep"), MOST_UNDO = 100;
const FILM = { count: 120, speed: 24 };
let keeping = null;
const past = [], future = [];

// --- files ----------------------------------------------------------------------------------------

async function keep(form) {
  if (keeping) return;
  keeping = new AbortController();
  const tell = (text) => { part("keeping").textContent = text; };
  part("keep-cancel").hidden = false;
  keepMenu.open = false;
  tell(fill(words.KEEPING, { share: 0 }));
  const [seed, rows, columns] = ["seed", "rows", "columns"].map((name) => ganmodel.numberIn(part("grid-" + name)));
  const more = { form, ...FILM, seed, rows, columns, by_class: part("grid-class").checked };
  let file = null;
  const { signal } = keeping;
  await streamed("ganmodel-keep", standing(more), (news) => {
    if (news.file) file = news; else tell(fill(words.KEEPING, { share: Math.round(100 * news.share) }));
  }, tell, signal);
  keeping = null;
  part("keep-cancel").hidden = true;
  if (signal.aborted) tell(words.CANCELLED);
  if (!file) return;
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(new Blob([ganmodel.decode(file.file)], { type: file.type }));
  anchor.download = file.name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 60000);
  tell(fill(words.KEPT, { name: file.name }) + (file.kept ? "" : " " + words.NOT_KEPT));
}

for (const choice of element.querySelectorAll("[data-keep]")) choice.addEventListener("click", () => keep(choice.dataset.keep));
part("keep-cancel").addEventListener("click", () => keeping?.abort());

// --- as text --------------------------------------------------------------------------------------

function hash(moment = where.moment) {
  const found = ["#play", "weights=" + where.generator];
  if (moment !== null) found.push("moment=" + moment);
  return found.join("&") + "&" + placeText();
}

// A run of one's own, which no link opens: this browser alone knows the secret of it, at this address.
const onlyOwn = () => where.generator.startsWith("run:") && !linked.key && !facts?.open;

// As a shell and as Python would have it: neither of the two has a quote in it.
const texts = {
  link: ({ moment }) => (onlyOwn() ? location.origin + location.pathname : ganmodel.forOthers().base) + location.search + hash(moment),
  command: ({ file }) => `ganmodel sample ${file} --place '${placeText()}' --out picture.png`,
  python: ({ file }) => `import ganmodel\n\nG = ganmodel.load("${file}")\npicture = ganmodel.draw(G, "${placeText()}")\npicture.save("picture.png")\n`,
};

// Shows a text and puts it on the clipboard; whether that is allowed here.
async function copy(text) {
  const field = part("copied");
  field.value = text;
  field.dataset.of = where.generator;
  field.hidden = false;
  field.focus();
  field.select();
  try { await navigator.clipboard.writeText(text); } catch { return false; }
  return true;
}

// What leads to one generator is not shown beside another.
function closeCopied() {
  const field = part("copied");
  if (field.hidden || field.dataset.of === where.generator) return;
  field.hidden = true;
  part("keeping").textContent = "";
}

for (const choice of element.querySelectorAll("[data-copy]")) {
  choice.addEventListener("click", async () => {
    if (!facts) return;
    const what = choice.dataset.copy, run = where.generator.startsWith("run:");
    // Of a run, what is copied names the moment that is shown: its newest will be another one soon.
    let there = { moment: run ? facts.moment : where.moment, file: facts.files[facts.moments.indexOf(facts.moment)] ?? facts.files.at(-1) };
    keepMenu.open = false;
    let done = await copy(texts[what](there)), kept = true;
    const answer = run ? await call("keep_moment", standing({ moment: there.moment, place: "" })) : null;
    if (answer) {
      kept = answer.kept;
      if (answer.moment !== there.moment) done = await copy(texts[what](there = answer));   // it has just gone
    }
    const copied = what !== "link" ? words.COPIED : onlyOwn() ? words.COPIED_OWN : ganmodel.forOthers().reaches ? words.COPIED : words.COPIED_HERE;
    part("keeping").textContent = (done ? copied : words.COPY_SHOWN) + (kept ? "" : " " + words.NOT_KEPT);
  });
}

// --- a picture that comes back ----------------------------------------------------------------------

// Recipes come in PNGs alone; whatever else the browser opens is a plain picture.
async function recipeIn(file) {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (String.fromCharCode(...head.subarray(1)) !== "PNG") return { plain: true };
  try {
    const sent = await fetch("ganmodel-recall", { method: "POST", body: file, headers: { "x-ganmodel-token": ganmodel.token() } });
    const answer = await sent.json();
    if (!answer.error) return answer;
    say(answer.error);
  } catch { say(words.NO_ANSWER); }
  return null;
}

async function recall(file) {
  const answer = await recipeIn(file);
  if (!answer) return;
  if (answer.plain) {
    if (!(await usePicture(file, say))) return;
    chooseWay("drawing");
    part("find-said").textContent = words.PLAIN_PICTURE;
    return;
  }
  const { generator, moment } = answer, there = await stand({ generator, moment }, readPlace(answer.place));
  if (there && where.moment === moment) say(words.RECALLED);
}

part("recipe-file").addEventListener("change", () => { if (part("recipe-file").files[0]) recall(part("recipe-file").files[0]); part("recipe-file").value = ""; keepMenu.open = false; });
// Dropped on the stops, it becomes one; its variety and class are those of the way.
async function recallAsStop(file) {
  const answer = await recipeIn(file);
  if (!answer) return;
  if (answer.plain) { say(words.NO_STOP_IN_IT); return; }
  const there = readPlace(answer.place), more = { moment: answer.moment, place: answer.place };
  const drawn = await call("draw", { ...standing(), ...more, generator: answer.generator });
  if (!drawn) return;
  if (drawn.base.length !== facts.z_dim) { say(words.OTHER_NOISE); return; }
  addStop(Float32Array.from(drawn.base, (value, i) => value + (there.rest ? there.rest[i] : 0)));
}

element.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
element.addEventListener("drop", (event) => {
  const file = event.dataTransfer?.files[0];
  if (!file) return;
  event.preventDefault();
  if (event.target === pad) usePicture(file);
  else if (event.target.closest("#play-stops")) recallAsStop(file);
  else recall(file);
});

// --- undo and redo --------------------------------------------------------------------------------

const snapshot = () => JSON.stringify({ ...where, text: placeText() });

// Notes where one has come to rest.
function note() {
  const now = snapshot();
  if (past.at(-1) === now) return;
  past.push(now);
  if (past.length > MOST_UNDO) past.shift();
  future.length = 0;
  showHistory();
}

function showHistory() {
  part("undo").disabled = past.length < 2;
  part("redo").disabled = !future.length;
}

async function turnBack(from, to) {
  if (from === past ? past.length < 2 : !future.length) return;
  if (from === past) { note(); to.push(past.pop()); } else past.push(future.pop());
  const { text, ...there } = JSON.parse(past.at(-1));
  showHistory();
  await stand(there, readPlace(text));
}
const undo = () => turnBack(past, future), redo = () => turnBack(future, past);
part("undo").addEventListener("click", undo);
part("redo").addEventListener("click", redo);
document.addEventListener("keydown", (event) => {
  if (!element.offsetParent || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  if (event.target.closest?.('input.gm-number, textarea, select')) return;   // they have an undo of their own
  event.preventDefault();
  if (event.shiftKey) redo(); else undo();
});
