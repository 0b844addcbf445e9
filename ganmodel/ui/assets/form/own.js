// Your own pictures: dropped or chosen, sent one by one, and shown as the networks will see them.
// Runs in one scope with form.js, which sends `own` along when a run is started.
const drop = element.querySelector("#own-drop"), file = drop.querySelector('input[type="file"]');
let sending = null;

function tellOwn(sentence) { part("own-said").textContent = sentence; }

// Every file of a drop, those in folders with their path.
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((f) => ({ file: f, name: f.name }));
  const found = [];
  async function walk(entry, path) {
    if (entry.isFile) {
      found.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), name: path + entry.name });
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return;
      for (const child of some) await walk(child, `${path}${entry.name}/`);
    }
  }
  for (const entry of entries) await walk(entry, "");
  return found;
}

// One file with its progress, which fetch does not tell.
function post(upload, { file: content, name }, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "ganmodel-upload");
    request.setRequestHeader("X-Ganmodel-Token", ganmodel.token());
    request.setRequestHeader("X-Ganmodel-Upload", upload);
    request.setRequestHeader("X-Ganmodel-Name", encodeURIComponent(name));
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* a proxy's own page */ }
      if (request.status === 200) resolve(); else reject(new Error(answer.error ?? words.NOT_SENT));
    };
    request.onerror = () => reject(new Error(words.NOT_SENT));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    sending.abort = () => request.abort();
    request.send(content);
  });
}

async function send(files) {
  files = files.filter(({ name }) => !name.split("/").some((folder) => folder.startsWith(".")));
  if (sending) { tellOwn(words.STILL_SENDING); return; }
  if (!files.length) return;
  const upload = Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
  const total = files.reduce((sum, { file: content }) => sum + content.size, 0) || 1;
  sending = { cancelled: false };
  let sent = 0;
  tellOwn("");
  part("own-sending").hidden = false;
  try {
    for (const one of files) {
      await post(upload, one, (loaded) => showSent((sent + loaded) / total));
      if (sending.cancelled) throw new DOMException("", "AbortError");
      sent += one.file.size;
      showSent(sent / total);
    }
    part("own-doing").textContent = words.READING;
    const found = await examineOwn({ upload, size: own?.size ?? 28, with_classes: false });
    if (sending.cancelled) throw new DOMException("", "AbortError");
    if (found) { if (own) server.forget({ token: ganmodel.token(), upload: own.id }); acceptOwn(found); }
    else server.forget({ token: ganmodel.token(), upload });
  } catch (error) {
    server.forget({ token: ganmodel.token(), upload });
    tellOwn(error.name === "AbortError" ? words.CANCELLED : error.message);
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
  ganmodel.set("own", JSON.stringify({ upload: found.id, size: found.size, with_classes: found.conditional }));
  part("own-result").hidden = false;
  part("own-preview").src = found.preview;
  part("own-read").textContent = fill(words.READ, { count: found.count, name: found.name, kind: found.colour ? words.COLOUR : words.GREY, size: found.size });
  part("own-size").value = found.size;
  part("own-classes").checked = found.conditional;
  part("own-class-names").textContent = found.classes.length ? fill(words.CLASSES, { count: found.classes.length, names: found.classes.slice(0, 12).join(", ") }) : "";
  part("own-notes").replaceChildren(...found.notes.map((note) => {
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
  ganmodel.set("own", "");
  part("own-result").hidden = true;
  part("own-read").textContent = "";
  tellOwn("");
  describe();
});
part("own-cancel").addEventListener("click", () => { if (sending) { sending.cancelled = true; sending.abort?.(); } });

file.addEventListener("change", () => send([...file.files].map((f) => ({ file: f, name: f.webkitRelativePath || f.name }))));
for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("gm-over"); });
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.remove("gm-over"); });
drop.addEventListener("drop", async (event) => send(await filesOf(event.dataTransfer)));

(async () => {
  let kept = null;
  try { kept = JSON.parse(ganmodel.get("own") || "null"); } catch { /* not ours */ }
  if (!kept) return;
  const found = await examineOwn(kept);
  if (found) acceptOwn(found); else ganmodel.set("own", "");
})();
