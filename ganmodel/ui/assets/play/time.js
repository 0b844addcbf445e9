// Training time: the same point drawn by earlier states of the generator, and the table of moments
// against the way. Shown where a run kept its history.
const timeBox = within("#play-time"), timeSlider = timeBox.querySelector("input");
let tableKey = null;

function showTime() {
  const moments = facts?.moments ?? [], known = moments.length > 1;
  timeBox.hidden = !known;
  within('[data-way="time"]').hidden = !known;
  if (!known) { if (way === "time") chooseWay("ab"); return; }
  timeSlider.max = moments.length - 1;
  const index = where.moment === null ? moments.length - 1 : moments.indexOf(facts.moment);
  timeSlider.value = index;
  const text = fill(words.TIME_SHOWN, { images: moments[index] ?? facts.moment });
  part("time-shown").textContent = text;
  timeSlider.setAttribute("aria-valuetext", text);
}

// After a move: never another moment than the one asked for without a word, nor in the address.
function showMoment() {
  const asked = where.moment;
  if (asked !== null && !facts.moments.includes(asked)) {
    where.moment = facts.moment;
    say(fill(words.MOMENT_GONE, { asked, images: facts.moment }));
  }
  showTime();
}

async function goToMoment(index) {
  const { moments } = facts;
  where.moment = index >= moments.length - 1 ? null : moments[index];
  facts = { ...facts, moment: moments[index] };
  showTime();
  changed();
}

timeSlider.addEventListener("input", () => { stopPlaying(); goToMoment(Number(timeSlider.value)); });

async function showTable() {
  if (way !== "time" || !facts || facts.moments.length < 2) return;
  const key = JSON.stringify([where.generator, facts.moments, placeText({ ...place, at: 0 })]);
  if (key === tableKey) return;
  tableKey = key;
  const answer = await fetched("ganmodel-moments", standing({ moment: null }), (text) => { part("table-said").textContent = text; tableKey = null; });
  if (!answer || tableKey !== key) return;
  part("table-said").textContent = "";
  const moments = JSON.parse(answer.headers.get("X-Moments"));
  const sheet = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
  const table = part("table").querySelector("canvas");
  table.width = sheet.width;
  table.height = sheet.height;
  table.getContext("2d").drawImage(sheet, 0, 0);
  const columns = Math.round(sheet.width / facts.size);
  const cells = moments.flatMap((images) => Array.from({ length: columns }, (_, k) => {
    const share = k / (columns - 1);
    const text = fill(words.THROUGH_TIME_CELL, { images, share: Math.round(100 * share) });
    return button("", text, () => {
      place.at = share;
      showShare();
      goToMoment(facts.moments.indexOf(images));
    });
  }));
  part("table-cells").style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  part("table-cells").replaceChildren(...cells);
  ganmodel.oneStop(part("table-cells"), columns);
}
