// @ts-check
import { contract } from "../../ganmodel/ui/shared/contract.js";
import { imagesAt, placeOf } from "../../ganmodel/ui/train/form/length_slider.js";
import {
  counted,
  isArchive,
  refuseTooMany,
  sortedOut,
} from "../../ganmodel/ui/train/form/picking.js";
import { madeSmall } from "../../ganmodel/ui/train/form/smaller.js";
import {
  createFormState,
  readChosen,
  settingsOf,
  stayOf,
} from "../../ganmodel/ui/train/form/state.js";
import { equal, ok, thrown } from "./assert.js";

/** As a form with a choice of data and a width would.
 * @param {string} name
 * @param {unknown} value */
function isOffered(name, value) {
  if (name === "dataset") return value === "mnist" || value === contract.ownDataset;
  return name === "width" ? typeof value === "number" : null;
}

/**
 * @param {string} name
 * @param {string} [type]
 */
const picked = (name, type = "") => ({ file: new File(["content"], name, { type }), name });

/**
 * A picture as a file.
 * @param {number} width
 * @param {number} height
 */
async function pictureFile(width, height) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.fillRect(0, 0, width, height);
  const blob = await canvas.convertToBlob();
  return new File([blob], "x.heic", { type: "image/heic" });
}

/** @type {Record<string, () => unknown>} */
export const tests = {
  "the slider's places are round numbers, the longest at its end": () => {
    equal([0, 50, 100].map(imagesAt), [10000, 140000, 2000000]);
    for (let place = 0; place <= 100; place++) ok(imagesAt(place) % 5000 === 0, String(place));
  },

  "a length is found again at its place, and one out of reach at an end": () => {
    for (const images of [10000, 300000, 2000000]) equal(imagesAt(placeOf(images)), images);
    equal([placeOf(1), placeOf(10000)], [0, 0]);
    ok(placeOf(5000000) > 100, "the browser keeps it at the end");
  },

  "what another version remembered and this form does not offer is left out": () => {
    const kept = { edition: 1, dataset: "mnist", width: "wide", momentum: 0.5, image_size: 32 };
    equal(readChosen(kept, isOffered), {
      preset: contract.firstPreset,
      edition: 1,
      dataset: "mnist",
      image_size: 32,
    });
    equal(readChosen({}, isOffered)?.edition, 1);
    equal(readChosen({ edition: 99 }, isOffered)?.edition, contract.edition);
    equal(
      [null, 5, "text"].map((found) => readChosen(found, isOffered)),
      [undefined, undefined, undefined],
    );
  },

  "the form is remembered as every edition remembered it": () => {
    const { values, remember } = createFormState(isOffered);
    values.chosen = { preset: "quick", edition: 2, width: 16 };
    values.upload = { upload: "ab12", size: 28, with_classes: true };
    remember();
    equal(sessionStorage.getItem("ganmodel.form"), '{"preset":"quick","edition":2,"width":16}');
    const again = createFormState(isOffered);
    again.recall();
    equal(again.values.upload, values.upload);
    values.upload = null;
    remember("upload");
    equal(sessionStorage.getItem("ganmodel.own"), "");
    again.recall();
    equal(again.values.upload, null);
    sessionStorage.clear();
    localStorage.clear();
  },

  "an upload is sent by its id, and a text that is no number not at all": () => {
    const { values } = createFormState(isOffered);
    values.chosen = { dataset: contract.ownDataset, width: "1,234" };
    const isNumber = (/** @type {string} */ name) => name === "width";
    equal(settingsOf(values, isNumber), {});
    values.own = { id: "ab12", size: 32, fit: "pad", conditional: true };
    equal(settingsOf(values, isNumber), {
      dataset: `${contract.uploadPrefix}ab12`,
      image_size: 32,
      fit: "pad",
      conditional: true,
    });
  },

  "pictures that are left out do not stay": () => {
    equal(stayOf({ count: 300, left_out: [] }), 300);
    equal(stayOf({ count: 300, left_out: [7, 12] }), 298);
  },

  "of dropped files, one archive or whatever may be a picture is sent": async () => {
    const files = [
      picked("a/x.png"),
      picked("a/y", "image/heic"),
      picked("a/.hidden.png"),
      picked("notes.txt", "text/plain"),
    ];
    const { sent, others } = sortedOut(files);
    equal(
      sent.map(({ name }) => name),
      ["a/x.png", "a/y"],
    );
    equal(others, ["a/.hidden.png", "notes.txt"]);
    ok(isArchive("Photos.ZIP") && !isArchive("zip.png"));
    equal(sortedOut([picked("all.zip"), picked("notes.txt", "text/plain")]).sent.length, 1);
    const both = await thrown(() => sortedOut([picked("all.zip"), picked("x.png")]));
    ok(both instanceof Error && both.message.length > 10);
  },

  "more files than the server takes are refused before any is sent": async () => {
    const many = Array.from({ length: contract.mostFiles + 1 }, () => picked("x.png"));
    const refused = await thrown(() => refuseTooMany(many));
    ok(refused instanceof Error && refused.message.includes("files"), String(refused));
    refuseTooMany(many.slice(1));
  },

  "files that were left out are counted, and three are named": () => {
    equal(counted("pictures.empty-folders", []), []);
    equal(counted("pictures.empty-folders", ["b", "a"]), ["Empty folders: 2 (a, b)."]);
    const four = counted("pictures.empty-folders", ["d", "b", "a", "c"]);
    equal(four, ["Empty folders: 4 (a, b, c, …)."]);
  },

  "a picture that only the browser opens is sent small, in its shape": async () => {
    const file = await pictureFile(1024, 512);
    const small = await madeSmall({ file, name: "x.heic" });
    const picture = await createImageBitmap(/** @type {Blob} */ (small));
    equal([picture.width, picture.height, small?.type], [512, 256, "image/jpeg"]);
    const broken = new File(["no picture"], "x.heic", { type: "image/heic" });
    equal(await madeSmall({ file: broken, name: "x.heic" }), null);
    const read = new File(["light"], "x.png", { type: "image/png" });
    ok((await madeSmall({ file: read, name: "x.png" })) === read, "sent as it is");
  },
};
