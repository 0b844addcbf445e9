// @ts-check
// Telling that a run has ended: in the tab's title always, and as a message of the browser where the
// visitor asked for it.
import { contract } from "../shared/contract.js";
import { browser } from "../shared/storage.js";
import { worded, words } from "../shared/words.js";
import { isLive } from "./state.js";

const ASKED = "tell"; // its name in the browser's memory

/** @param {Pick<import("./run_server.js").Base, "room" | "view" | "messages">} base */
export function createEnding({ room, view, messages }) {
  const button = room.one("#train-tell");
  let watched = ""; // the run that trained when it was looked at last
  let ended = ""; // the run that ended while this page looked

  const mayTell = () => "Notification" in window;
  const isAsked = () =>
    browser.get(ASKED) === "yes" && mayTell() && Notification.permission === "granted";

  function show() {
    const trains = view.own && isLive(view);
    button.hidden = !trains || !mayTell();
    button.setAttribute("aria-pressed", String(isAsked()));
    if (trains) watched = view.run ?? "";
    else if (view.own && watched === view.run) tell();
    showTitle();
  }

  function tell() {
    watched = "";
    ended = view.run ?? "";
    if (isAsked()) new Notification(words("train.told-title", { title: view.about?.title ?? "" }));
  }

  function showTitle() {
    const { images_seen: seen, images_total: total } = view;
    const name = worded(view.about?.title ?? "");
    let title = contract.title;
    if (view.own && isLive(view)) {
      const percent = total ? Math.floor((100 * seen) / total) : 0;
      title = words("train.page-title", { percent, name });
    } else if (view.own && ended === view.run) title = words("train.ended-title", { name });
    if (document.title !== title) document.title = title;
  }

  button.addEventListener("click", async () => {
    if (isAsked()) browser.set(ASKED, "no");
    else if ((await Notification.requestPermission()) === "granted") browser.set(ASKED, "yes");
    else messages.complain(words("train.tell-refused"));
    show();
  });

  return { show };
}
