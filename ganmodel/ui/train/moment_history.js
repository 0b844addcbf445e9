// @ts-check
// Moments in the browser's history and in the address: Back leads to the moment before, a reload and a
// link to the one that was shown. Where there are no pictures of it (any more), no others pass for them.
import { enter, onReturn, shown } from "../shared/history.js";

const AT = /^#at=(\d{1,12})$/;

/** The moment that the address asks for; null where it asks for none. */
function asked() {
  const found = AT.exec(location.hash);
  return found ? Number(found[1]) : null;
}

/** @param {number | null} moment */
const addressOf = (moment) =>
  moment === null ? `${location.pathname}${location.search}` : `#at=${moment}`;

/**
 * @param {Pick<import("./run_server.js").Base, "view">} base
 * @param {object} given
 * @param {(moment: number) => boolean} given.goTo shows a moment; false where it has no pictures
 * @param {() => void} given.goLive shows the newest
 * @param {(moment: number) => void} given.tellGone says that there are no pictures of a moment
 */
export function createMomentHistory({ view }, { goTo, goLive, tellGone }) {
  let wanted = asked();

  /** Shows the moment that was asked for, once the run's moments are known. */
  function show() {
    if (wanted === null || !view.grids.length) return;
    const moment = wanted;
    wanted = null;
    if (!goTo(moment)) tellGone(moment);
  }

  /** A moment was chosen by hand; null: the newest.
   * @param {number | null} moment */
  function chosen(moment) {
    if ((shown().moment ?? null) === moment && shown().run === view.run) return;
    enter({ tab: "train", run: view.run ?? "", moment }, addressOf(moment));
  }

  /** Another run is shown: its newest moment. */
  function leave() {
    wanted = null;
    if (asked() !== null) enter({ tab: "train", moment: null }, addressOf(null));
  }

  onReturn(({ tab, run, moment }) => {
    if (tab !== "Train" || (run !== undefined && run !== view.run)) return;
    if (moment === undefined || moment === null || !goTo(moment)) goLive();
  });
  window.addEventListener("hashchange", () => {
    wanted = asked();
    show();
  });

  return { show, chosen, leave };
}
