// @ts-check
// Which files were dropped or chosen, those in folders too, each with its whole path; and which of
// them are worth sending.
import { contract } from "../../shared/contract.js";
import { words } from "../../shared/words.js";

/** @typedef {{ file: File, name: string }} Picked a file and its path */
/**
 * @typedef {object} Picking
 * @property {Picked[]} files
 * @property {string[]} [empty] paths of empty folders
 * @property {string[]} [unread] paths of what the browser can't read
 */

const NAMED = 3; // of the files that a sentence counts
// What systems leave in folders: hidden files, thumbnails, settings.
const HIDDEN = /^(\.|@ea|__MACOSX$|thumbs\.db$|desktop\.ini$|icon\r$)/i;

/**
 * @param {string} name
 * @param {string[]} endings
 */
const endsWith = (name, endings) => endings.some((ending) => name.toLowerCase().endsWith(ending));

/** @param {string} name */
export const isArchive = (name) => endsWith(name, contract.archiveEndings);

/** Whether the server can read a picture of that name.
 * @param {string} name */
export const isReadThere = (name) => endsWith(name, contract.readEndings);

/** @param {string} name */
const isHidden = (name) => name.split("/").some((piece) => HIDDEN.test(piece));

/** Whether a file may be a picture: where the system knows no type for it, its content will tell.
 * @param {Picked} picked */
const mayBePicture = ({ file, name }) => /^(image\/|$)/.test(file.type) || isReadThere(name);

/** @param {FileList} list
 * @returns {Picked[]} */
export function pickedFrom(list) {
  return [...list].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
}

/**
 * The files of a drop, and of all folders in it.
 * @param {DataTransfer} transfer
 * @returns {Promise<Picking>}
 * @throws {Error} for more files than can be sent, with the sentence to be said
 */
export async function filesOf(transfer) {
  // All before the first wait: a drop's items are gone after it.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.());
  /** @type {Required<Picking>} */
  const found = { files: [], empty: [], unread: [] };
  const known = entries.filter((entry) => entry !== null && entry !== undefined);
  if (!known.length) return { ...found, files: pickedFrom(transfer.files) };
  for (const entry of known) await walk(entry, "", found);
  return found;
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} path of the folder that it lies in
 * @param {Required<Picking>} found is added to
 */
async function walk(entry, path, found) {
  const name = path + entry.name;
  if (entry.isDirectory) {
    await walkFolder(/** @type {FileSystemDirectoryEntry} */ (entry), name, found);
    return;
  }
  const file = await fileOf(/** @type {FileSystemFileEntry} */ (entry)).catch(() => null);
  if (file) found.files.push({ file, name });
  else found.unread.push(name);
  refuseTooMany(found.files);
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @param {string} name its path
 * @param {Required<Picking>} found
 */
async function walkFolder(folder, name, found) {
  const reader = folder.createReader();
  for (let isEmpty = true; ; isEmpty = false) {
    const some = await someOf(reader).catch(() => null);
    if (!some) found.unread.push(name);
    else if (!some.length && isEmpty) found.empty.push(name);
    if (!some?.length) return;
    await Promise.all(some.map((child) => walk(child, `${name}/`, found)));
  }
}

/** @param {FileSystemFileEntry} entry
 * @returns {Promise<File>} */
const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

/** The next entries of a folder, which come some at a time.
 * @param {FileSystemDirectoryReader} reader
 * @returns {Promise<FileSystemEntry[]>} */
const someOf = (reader) => new Promise((resolve, reject) => reader.readEntries(resolve, reject));

/** @param {Picked[]} files
 * @throws {Error} with the sentence to be said */
export function refuseTooMany(files) {
  if (files.length > contract.mostFiles) {
    throw new Error(words("pictures.too-many", { most: contract.mostFiles }));
  }
}

/**
 * Which files are worth sending: one archive, or whatever may be a picture. `others` are the rest.
 * @param {Picked[]} files
 * @throws {Error} for an archive beside other files, with the sentence to be said
 */
export function sortedOut(files) {
  const archives = files.filter(({ name }) => isArchive(name) && !name.includes("/"));
  const pictures = files.filter(
    (one) => !isArchive(one.name) && !isHidden(one.name) && mayBePicture(one),
  );
  if (archives.length && archives.length + pictures.length > 1) {
    throw new Error(words("pictures.archive-or-images"));
  }
  const sent = [...archives, ...pictures];
  const others = files.filter((one) => !sent.includes(one)).map(({ name }) => name);
  return { sent, others };
}

/**
 * A sentence that counts some files and names a few; none where there are none.
 * @param {import("../../shared/words.js").Id} id
 * @param {string[]} names
 */
export function counted(id, names) {
  if (!names.length) return [];
  const some = [...names].sort().slice(0, NAMED);
  if (names.length > NAMED) some.push("…");
  return [words(id, { count: names.length, names: some })];
}
