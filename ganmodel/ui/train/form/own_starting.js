// @ts-check
// The third step: what to expect of a run on one's own pictures, and its start.
import { contract } from "../../shared/contract.js";
import { setText } from "../../shared/elements.js";
import { words } from "../../shared/words.js";

const FOR_FEW = "few"; // the recipe

/**
 * @param {object} given
 * @param {import("../../shared/elements.js").Room} given.room
 * @param {import("../../shared/server.js").Server} given.server
 * @param {import("./state.js").Form} given.form
 * @param {() => Promise<void>} given.describe
 * @param {(name: string) => void} given.useRecipe
 * @param {(tell: (sentence: string) => void) => Promise<void>} given.start begins a run, or tells why
 *     it does not
 */
export function createStarting({ room, server, form, describe, useRecipe, start }) {
  const { part } = room;
  const button = part("own-start");

  /** @param {string} sentence */
  const refuse = (sentence) => setText(part("own-refusal"), sentence);

  /** Takes the recipe for few pictures where they are few and nothing else was chosen. */
  async function suggest() {
    await describe();
    const { dataset: _, edition: __, ...chosen } = form.chosen;
    const isUntouched = Object.keys(chosen).length === 1 && chosen.preset === contract.firstPreset;
    if (form.described?.few && isUntouched) useRecipe(FOR_FEW);
  }

  async function show() {
    part("own-some").src = form.own?.preview ?? "";
    await describe();
    const { described } = form;
    const recipe = form.chosen.preset;
    setText(part("own-forecast"), described?.forecast ?? "");
    part("own-few").hidden = !described?.few && recipe !== FOR_FEW;
    part("own-few-recipe").checked = recipe === FOR_FEW;
    const why = await server.sentenceOf(described?.refusal).catch(() => "");
    refuse(why);
    button.disabled = Boolean(why);
  }

  part("own-few-recipe").addEventListener("change", () => {
    useRecipe(part("own-few-recipe").checked ? FOR_FEW : contract.firstPreset);
    show();
  });
  button.addEventListener("click", async () => {
    setText(button, words("pictures.starting"));
    await start(refuse);
    setText(button, words("pictures.start"));
  });
  return { show, suggest };
}
