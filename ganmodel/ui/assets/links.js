// Addresses that a messenger or a mail program has changed on the way: escaped, as HTML, with a dot or
// a bracket behind them, with a parameter more. What they mean is put right here before anybody reads
// them; where a part is missing, nothing is guessed.
function mendedAddress(address) {
  const tracking = /^(utm_\w+|fbclid|gclid|dclid|msclkid|twclid|yclid|igshid|mc_[ce]id)$/;
  const tail = /(?:[\s.,;:!?)\]}<>'"]|%20|%0A|%0D|%22|%3C|%3E|%C2%BB|%E2%80%(?:99|9C|9D|A6))+$/i;   // » ’ “ ” …
  // Unescaped only as often as it takes to be ours: a run's name may hold what is escaped rightly.
  function mended(part, ours) {
    let told = part;
    try { for (let times = 0; times < 3 && !ours.test(told); times++) told = decodeURIComponent(told); } catch { return part; }
    if (!ours.test(told)) return part;
    told = told.replace(/&(amp;|#38;|#x26;)+/gi, "&").replace(tail, "");
    return told.split("&").filter((field) => !tracking.test(field.split("=")[0])).join("&");
  }
  const found = new URL(address, location.href);
  const search = mended(found.search, /^\?(.*[&;])?(run=.*[&;]key|host)=/);
  const hash = mended(found.hash.replace(/^#%23/i, "#"), /^#play&(.*[&;])?weights=/);
  if (search !== found.search) found.search = search;
  if (hash !== found.hash) found.hash = hash;
  return found.href;
}

function mendAddress() {
  const mended = mendedAddress(location.href);
  if (mended !== location.href) history.replaceState(null, "", mended);
}
mendAddress();
window.addEventListener("hashchange", mendAddress);
