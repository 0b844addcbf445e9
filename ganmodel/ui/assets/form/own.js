// Your own pictures: dropped or chosen, sent some at a time, and shown as the networks will see them.
// Runs in one scope with form.js, which sends `own` along when a run is started.
const drop = element.querySelector("#own-drop"), file = drop.querySelector('input[type="file"]');
const AT_ONCE = 4;                 // files on their way; a browser keeps six lines to a server
const sentHere = new Map();            // uploads that this tab sent, and what is to be said of each
let sending = null;

function tellOwn(sentence) { part("own-said").textContent = sentence; }

// One file with its progress, which fetch does not tell.
function post(upload, content, name, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "ganmodel-upload");
    request.setRequestHeader("X-Ganmodel-Token", ganmodel.token());
    request.setRequestHeader("X-Ganmodel-Upload", upload);
    request.setRequestHeader("X-Ganmodel-Name", encodeURIComponent(name.toWellFormed?.() ?? name));
    request.upload.onprogress = (event) => onProgress(event.total ? event.loaded / event.total : 0);
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* a proxy's own page */ }
      if (request.status === 200) resolve(0);
      else if (request.status === 429) resolve(Number(request.getResponseHeader("Retry-After")) || 1);
      else reject(new Error(answer.error ?? words.NOT_SENT));
    };
    request.onerror = () => reject(new Error(words.NOT_SENT));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    request.onloadend = () => sending?.requests.delete(request);
    sending.requests.add(request);
    request.send(content);
  });
}

// Some files at a time, each made small just before; the paths of those that nobody can open.
async function sendAll(upload, files) {
  const total = files.reduce((sum, { file: content }) => sum + content.size, 0) || 1, unopened = [];
  let next = 0, sent = 0;
  const under = new Map();         // bytes of files on their way
  const show = () => showSent((sent + [...under.values()].reduce((a, b) => a + b, 0)) / total);
  async function runner() {
    while (next < files.length) {
      const one = files[next++], { size } = one.file;
      const content = await madeSmall(one);
      if (sending.cancelled) throw new DOMException("", "AbortError");
      if (content === null) unopened.push(one.name);
      else {
        let wait;
        while ((wait = await post(upload, content, one.name, (share) => { under.set(one, share * size); show(); }))) {
          await new Promise((resolve) => setTimeout(resolve, 1000 * wait));
          if (sending.cancelled) throw new DOMException("", "AbortError");
        }
      }
      under.delete(one);
      sent += size;
      show();
    }
  }
  const runners = Array.from({ length: AT_ONCE }, runner);
  try { await Promise.all(runners); } catch (error) {
    stopSending();
    await Promise.allSettled(runners);
    throw error;
  }
  return unopened;
}

function stopSending() {
  sending.cancelled = true;
  for (const request of [...sending.requests]) request.abort();
}

// `pick` finds the files: reading a dropped folder takes its time too.
async function send(pick) {
  if (sending) { tellOwn(words.STILL_SENDING); return; }
  const upload = Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
  sending = { cancelled: false, requests: new Set() };
  let notes = [];
  tellOwn("");
  showSent(0);
  part("own-sending").hidden = false;
  try {
    const { files, empty = [], unread = [] } = await pick;
    if (files.length > MOST_FILES) throw new Error(fill(words.TOO_MANY, { most: MOST_FILES }));
    const { sent, others } = sortedOut(files);
    notes = [...counted(words.LEFT_OUT, others), ...counted(words.CANT_READ, unread), ...counted(words.EMPTY_FOLDERS, empty)];
    const unopened = await sendAll(upload, sent);
    notes.unshift(...counted(words.UNOPENED, unopened));
    if (sent.length === unopened.length) throw new Error(words.NOTHING_TO_SEND);
    part("own-doing").textContent = words.READING;
    const found = await examineOwn({ upload, size: own?.size ?? 28, with_classes: described?.by_class ? null : false });
    if (sending.cancelled) throw new DOMException("", "AbortError");
    if (!found) throw new Error(part("own-said").textContent);
    if (own && sentHere.has(own.id)) server.forget({ token: ganmodel.token(), upload: own.id });
    sentHere.set(upload, notes);
    acceptOwn(found);
  } catch (error) {
    server.forget({ token: ganmodel.token(), upload });
    tellOwn(error.name === "AbortError" ? words.CANCELLED : [error.message, ...notes].join(" "));
  } finally {
    sending = null;
    part("own-sending").hidden = true;
    file.value = "";
  }
}

function showSent(share) {
  const shown = Math.round(100 * Math.min(1, share));
  part("own-doing").textContent = fill(words.SENDING, { share: shown });
  part("own-bar").value = shown;
}

// What the server found in an upload, or null after having said why it is of no use.
async function examineOwn(more) {
  let found;
  try { found = await server.examine({ token: ganmodel.token(), ...more }); } catch { found = { error: words.NOT_SENT }; }
  if (!found.error) return found;
  tellOwn(found.error);
  return null;
}

function acceptOwn(found) {
  own = found;
  ganmodel.tab.set("own", JSON.stringify({ upload: found.id, size: found.size, with_classes: found.conditional }));
  part("own-result").hidden = false;
  part("own-preview").src = found.preview;
  part("own-read").textContent = fill(words.READ, { count: found.count, name: found.name, kind: found.colour ? words.COLOUR : words.GREY, size: found.size });
  part("own-size").value = found.size;
  part("own-classes").checked = found.conditional;
  part("own-class-names").textContent = found.classes.length ? fill(words.CLASSES, { count: found.classes.length, names: found.classes.slice(0, 12).join(", ") }) : "";
  part("own-notes").replaceChildren(...[...found.notes, ...sentHere.get(found.id) ?? []].map((note) => {
    const item = document.createElement("li");
    item.textContent = note;
    return item;
  }));
  if (chosen.dataset !== "own") { chosen.dataset = "own"; inputs.dataset.value = "own"; showOwn(); }
  refuse("");
  remember();
  describe();
}

async function again_own() {
  const found = await examineOwn({ upload: own.id, size: Number(part("own-size").value), with_classes: part("own-classes").checked });
  if (found) { tellOwn(""); acceptOwn(found); }
  else { part("own-size").value = own.size; part("own-classes").checked = own.conditional; }   // what was there stays
}
part("own-size").addEventListener("change", again_own);
part("own-classes").addEventListener("change", again_own);
part("own-remove").addEventListener("click", () => {
  server.forget({ token: ganmodel.token(), upload: own.id });
  own = null;
  ganmodel.tab.set("own", "");
  part("own-result").hidden = true;
  part("own-read").textContent = "";
  tellOwn("");
  describe();
});
part("own-cancel").addEventListener("click", () => { if (sending) stopSending(); });

file.addEventListener("change", () => { if (file.files.length) send({ files: picked(file.files) }); });
// The whole form takes what is dropped while the field is there: nobody aims well with 300 pictures.
const takesFiles = (event) => !part("own").hidden && event.dataTransfer?.types.includes("Files");
for (const kind of ["dragenter", "dragover"]) {
  element.addEventListener(kind, (event) => {
    if (!takesFiles(event)) return;
    event.preventDefault();
    drop.classList.add("gm-over");
  });
}
element.addEventListener("dragleave", (event) => { if (!element.contains(event.relatedTarget)) drop.classList.remove("gm-over"); });
element.addEventListener("drop", (event) => {
  if (!takesFiles(event)) return;
  event.preventDefault();
  drop.classList.remove("gm-over");
  send(filesOf(event.dataTransfer));
});

(async () => {
  let kept = null;
  try { kept = JSON.parse(ganmodel.tab.get("own") || "null"); } catch { /* not ours */ }
  if (!kept) return;
  const found = await examineOwn(kept);
  if (found) acceptOwn(found); else ganmodel.tab.set("own", "");
})();
