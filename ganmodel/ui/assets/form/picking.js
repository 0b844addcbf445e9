// Which files were dropped or chosen: those in folders too, each with its whole path, and what of them
// may be a picture. Runs in one scope with form.js; own.js sends what is found here.
const OFFERED = element.querySelector("#own-drop").dataset;   // what the server says of itself
const READS = OFFERED.reads.split(","), ARCHIVES = OFFERED.archives.split(","), MOST_FILES = Number(OFFERED.most);
const NAMED = 3;                   // of the files that a sentence counts

const endsWith = (name, endings) => endings.some((ending) => name.toLowerCase().endsWith(ending));
const isArchive = (name) => endsWith(name, ARCHIVES);
// What systems leave in folders: hidden, thumbnails, settings.
const isHidden = (name) => name.split("/").some((piece) => /^(\.|@ea|__MACOSX$|thumbs\.db$|desktop\.ini$|icon\r$)/i.test(piece));
// What a system has no type for may be a picture; whether it is one, its content says.
const mayBePicture = ({ file: content, name }) => /^(image\/|$)/.test(content.type) || endsWith(name, READS);

// { files: [{ file, name }], empty, unread }: the last two are the paths of empty folders and of what
// the browser can't read. Throws the sentence for more files than can be sent.
async function filesOf(transfer) {
  // Asked for before the first wait: a drop's items are gone after it.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const found = { files: [], empty: [], unread: [] };
  if (!entries.length) return { ...found, files: picked(transfer.files) };
  const promised = (ask) => new Promise((resolve, reject) => ask(resolve, reject));

  async function walk(entry, path) {
    const name = path + entry.name;
    if (entry.isFile) {
      try { found.files.push({ file: await promised((...both) => entry.file(...both)), name }); } catch { found.unread.push(name); }
      if (found.files.length > MOST_FILES) throw new Error(fill(words.TOO_MANY, { most: MOST_FILES }));
      return;
    }
    const reader = entry.createReader();
    let any = false;
    for (;;) {
      let some;
      try { some = await promised((...both) => reader.readEntries(...both)); } catch { found.unread.push(name); return; }
      if (!some.length) break;
      any = true;
      await Promise.all(some.map((child) => walk(child, name + "/")));
    }
    if (!any) found.empty.push(name);
  }
  for (const entry of entries) await walk(entry, "");
  return found;
}

function picked(list) {
  return [...list].map((one) => ({ file: one, name: one.webkitRelativePath || one.name }));
}

// What of the files is worth sending: one archive, or whatever may be a picture; `others` are not.
function sortedOut(files) {
  const archives = files.filter(({ name }) => isArchive(name) && !name.includes("/"));
  const pictures = files.filter((one) => !isArchive(one.name) && !isHidden(one.name) && mayBePicture(one));
  if (archives.length && archives.length + pictures.length > 1) throw new Error(words.ARCHIVE_OR_IMAGES);
  const sent = new Set([...archives, ...pictures]);
  return { sent: [...sent], others: files.filter((one) => !sent.has(one)).map(({ name }) => name) };
}

// A sentence that counts and names some files; nothing where there are none.
function counted(sentence, names) {
  if (!names.length) return [];
  const some = [...names].sort().slice(0, NAMED).join(", ") + (names.length > NAMED ? ", …" : "");
  return [fill(sentence, { count: names.length, names: some })];
}
