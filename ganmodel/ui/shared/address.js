// @ts-check
// Addresses: mended where a messenger changed them on the way, and given to others so that they can
// follow them.

const TRACKING = /^(utm_\w+|fbclid|gclid|dclid|msclkid|twclid|yclid|igshid|mc_[ce]id)$/;
// Points, brackets and quotes behind a link, escaped or not: » ’ “ ” … among them.
const TAIL = /(?:[\s.,;:!?)\]}<>'"]|%20|%0A|%0D|%22|%3C|%3E|%C2%BB|%E2%80%(?:99|9C|9D|A6))+$/i;

/**
 * A part of an address as it was meant; as it is where it is none of ours. It is unescaped only as
 * often as it takes to be ours, since a run's name may hold what is escaped rightly.
 * @param {string} part
 * @param {RegExp} ours
 */
function mended(part, ours) {
  let text = part;
  try {
    for (let times = 0; times < 3 && !ours.test(text); times++) text = decodeURIComponent(text);
  } catch {
    return part;
  }
  if (!ours.test(text)) return part;
  const fields = text
    .replace(/&(amp;|#38;|#x26;)+/gi, "&")
    .replace(TAIL, "")
    .split("&");
  return fields.filter((field) => !TRACKING.test(field.split("=")[0])).join("&");
}

/**
 * What a link was before it was escaped, written as HTML, or given a dot or a parameter more. Where
 * a part is missing, nothing is guessed.
 * @param {string} address
 */
export function mendedAddress(address) {
  const url = new URL(address, location.href);
  const search = mended(url.search, /^\?(.*[&;])?(run=.*[&;]key|host)=/);
  const hash = mended(url.hash.replace(/^#%23/i, "#"), /^#play&(.*[&;])?weights=/);
  if (search !== url.search) url.search = search;
  if (hash !== url.hash) url.hash = hash;
  return url.href;
}

/** Mends this page's own address, now and whenever its hash changes. */
export function keepAddressMended() {
  const mend = () => {
    const address = mendedAddress(location.href);
    if (address !== location.href) history.replaceState(null, "", address);
  };
  mend();
  window.addEventListener("hashchange", mend);
}

/** What a page opened through a link may read besides one's own runs: the run and its key. */
export function linkedRun() {
  const link = new URLSearchParams(location.search);
  return { run: link.get("run"), key: link.get("key") };
}

const OWN = /^(localhost|.*\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;
let serverKnows = "";

/** Whether only this machine can follow an address.
 * @param {string} address */
export const onlyHere = (address) => OWN.test(new URL(address, location.href).hostname);

/** Where others find this page, as far as the server knows.
 * @param {string | undefined} address */
export function setAddressForOthers(address) {
  serverKnows = address ?? "";
}

/** This page's address for others, and whether another machine `reaches` it. */
export function forOthers() {
  const here = location.origin + location.pathname;
  if (!onlyHere(here)) return { base: here, reaches: true };
  const reaches = !onlyHere(serverKnows);
  return { base: reaches ? serverKnows : here, reaches };
}
