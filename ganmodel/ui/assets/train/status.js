// How the run is doing: the bar, the numbers in a line, the message, the notes.
const bar = element.querySelector(".gm-bar");

const MEASURES_FOR = 3;            // seconds of training, before a run tells how fast it is

function smoothSpeed(news) {
  if (view.state === "running" && (news.seconds ?? 0) < MEASURES_FOR) return null;
  if (news.images_per_second && news.curves.length) view.speeds.push(news.images_per_second);
  view.speeds = view.speeds.slice(-12);
  if (!view.speeds.length) return news.images_per_second;
  return view.speeds.reduce((a, b) => a + b) / view.speeds.length;
}

function showStatus(news) {
  const speed = smoothSpeed(news), film = view.run.startsWith("shipped/");
  const share = news.images_total ? news.images_seen / news.images_total : 0;
  bar.firstElementChild.style.width = 100 * share + "%";
  bar.setAttribute("aria-valuenow", Math.floor(100 * share));
  bar.hidden = film;
  part("title").textContent = film ? words.FILM_OF : view.about?.title ?? "";
  showTurn(news);
  showFilms(film ? view.about?.films ?? [] : []);
  part("percent").textContent = film ? "" : Math.floor(100 * share) + " %";
  part("images").textContent = fill(words.OF_IMAGES, { seen: news.images_seen, total: news.images_total });
  part("by-hand").textContent = news.by_hand ? fill(words.BY_HAND, { steps: news.by_hand }) : "";
  const measuring = view.state === "running" && !speed;
  part("speed").textContent = measuring ? words.MEASURING : speed && !film ? fill(words.PER_SECOND, { speed: Math.round(speed) }) : "";
  const left = view.state === "running" && speed ? (news.images_total - news.images_seen) / speed : null;
  part("left").textContent = left === null ? "" : fill(words.TIME_LEFT, { time: duration(left) });
  part("settings").textContent = settingsLine();
  if (calmDown()) say(news.message);
  const notes = part("notes");
  if (notes.children.length !== news.notes.length) {
    notes.replaceChildren(...news.notes.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
  }
}

// Which of the films is shown, where it is one.
function showFilms(films) {
  const choice = button("film");
  choice.hidden = films.length < 2;
  const known = JSON.stringify(films);
  if (choice.dataset.known !== known) {
    choice.dataset.known = known;
    choice.replaceChildren(...films.map(([name, title]) => new Option(title, name)));
  }
  choice.value = view.run;
}
button("film").addEventListener("change", (event) => follow(event.target.value));

// A run of one's own that waits for its turn, while another one is looked at; and what to do while
// it is looked at itself.
let waits = null, shownToAll = null;
function showTurn(news) {
  if (waits && !news.waits && view.asked?.startsWith("shipped/")) complain(words.OWN_ENDED);
  waits = news.waits ?? null;
  part("waits").hidden = !waits;
  if (waits && part("waits-said").textContent !== waits.said) part("waits-said").textContent = waits.said;
  part("queued").hidden = !news.queued;
  shownToAll = news.class_run ?? null;
  part("class-runs").hidden = !shownToAll;
  if (shownToAll) part("class-said").textContent = shownToAll.said;
}
part("waits-back").addEventListener("click", () => { if (waits) follow(waits.run); });
part("class-watch").addEventListener("click", () => { if (shownToAll) follow(shownToAll.run); });
part("watch-film").addEventListener("click", () => follow("shipped/mnist"));
part("to-playground").addEventListener("click", () => ganmodel.openInPlayground("shipped:mnist"));

function settingsLine() {
  const { about: known } = view, pieces = [known?.words ?? ""];
  if (!known) return "";
  if (view.networks.G) pieces.push(fill(words.NETWORK_SIZES, view.networks));
  if (!view.own && !view.run.startsWith("shipped/")) pieces.push(words.READING);
  if (known.origin) {
    const changes = Object.entries(known.origin.changes ?? {}).map(([name, value]) => `${name} ${value}`);
    pieces.push(fill(words.AGAIN_OF, {
      moment: known.origin.moment, title: known.origin.title ?? known.origin.run, changes: changes.join(", ") || words.UNCHANGED,
    }));
  }
  return pieces.join(" · ");
}

// Where the run stands, for the look of the page and for its other parts.
function announce() {
  const film = view.run?.startsWith("shipped/") ?? true;
  document.body.dataset.run = film ? "none" : view.state;
  document.body.dataset.own = view.own ? "yes" : "no";
  const now = JSON.stringify([view.run, view.state, view.own]);
  if (now === announce.last) return;
  announce.last = now;
  window.dispatchEvent(new CustomEvent("ganmodel:run", {
    detail: { name: film ? "" : view.run, state: film ? "none" : view.state, own: view.own, words: view.about?.words ?? "" },
  }));
  window.dispatchEvent(new CustomEvent("ganmodel:runs"));
}
