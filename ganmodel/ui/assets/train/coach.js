// The coach: how the two do against each other, how the pictures do, and a cure where something is wrong.
function showVerdict() {
  const then = view.at === null ? null : view.then.get(momentShown());
  const verdict = view.at === null ? view.verdict : then?.verdict;
  const box = element.querySelector("#train-verdict");
  box.classList.toggle("gm-waiting", !verdict);
  if (!verdict) return;            // what was said last stays until the moment's own is known
  const now = JSON.stringify([verdict, view.at !== null, view.own, view.state]);
  if (showVerdict.last === now) return;
  showVerdict.last = now;
  const { balance, pictures } = verdict;
  Object.assign(box.dataset, { tone: verdict.tone, kind: balance.kind, pictures: pictures.kind });
  part("headline").textContent = balance.headline;
  part("verdict-when").textContent = view.at === null ? "" : fill(words.THEN, { images: momentShown() });
  part("evidence").textContent = balance.sentence;
  part("pictures-headline").textContent = pictures.headline;
  part("pictures-evidence").textContent = pictures.sentence;
  const lesson = verdict.tone === "wrong" && view.about?.cure;
  const shown = view.own && view.at === null ? [...balance.cures, ...pictures.cures] : [];
  part("cures").replaceChildren(...shown.map(cureButton));
  if (lesson) {
    const note = document.createElement("p");
    note.className = "gm-lesson";
    note.textContent = `${words.LESSON} ${view.about.cure}`;
    part("cures").prepend(note);
  }
}

function cureButton(cure) {
  const box = document.createElement("div"), press = document.createElement("button"), why = document.createElement("p");
  box.className = "gm-cure";
  press.type = "button";
  press.textContent = cure.label;
  why.textContent = cure.explanation;
  press.addEventListener("click", async () => {
    press.disabled = true;
    press.textContent = words.CURING;
    const living = LIVE_STATES.includes(view.state);
    const done = cure.kind === "knobs" && living ? await act("set", { values: cure.changes })
      : await act("again", { before: cure.before ?? view.seen, changes: cure.changes });
    if (!done) { press.disabled = false; press.textContent = cure.label; return; }
    if (done.run) follow(done.run); else showVerdict.last = null;
  });
  box.append(press, why);
  return box;
}

part("verdict-what").addEventListener("click", () => {
  const help = part("verdict-help");
  help.hidden = !help.hidden;
  part("verdict-what").setAttribute("aria-expanded", !help.hidden);
});
