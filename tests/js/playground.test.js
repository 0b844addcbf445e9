// @ts-check
import { addressOf, askedBy } from "../../ganmodel/ui/playground/address.js";
import { fitPlace, legsOf, letterOf, shareOf } from "../../ganmodel/ui/playground/place.js";
import {
  packed,
  placeText,
  readPlace,
  startPlace,
  unpacked,
} from "../../ganmodel/ui/playground/place_text.js";
import {
  createPlaygroundState,
  moveBeside,
  standingOf,
  zOf,
} from "../../ganmodel/ui/playground/state.js";
import { createStrip } from "../../ganmodel/ui/playground/strip.js";
import { createPlane } from "../../ganmodel/ui/playground/ways/plane.js";
import { WAYS } from "../../ganmodel/ui/playground/ways/registry.js";
import { inkBox, valuesOf } from "../../ganmodel/ui/playground/ways/target.js";
import { contract, read } from "../../ganmodel/ui/shared/contract.js";
import { equal, ok } from "./assert.js";

const START = { stops: [53, 46], path: "slerp", at: 0, rest: null, psi: 1, label: null };
const WHOLE = {
  stops: [7, Float32Array.of(0.5, -2)],
  path: "loop",
  at: 0.25,
  rest: Float32Array.of(1, 0),
  psi: 0.8,
  label: 3,
  other: 5,
  blend: 0.5,
};
// What `str(Place(...))` of ganmodel/places.py gives for the same place.
const WHOLE_TEXT = "stops=7,~AAAAPwAAAMA&path=loop&at=0.25&rest=AACAPwAAAAA&psi=0.8&class=3,5,0.5";

/** @type {Record<string, () => unknown>} */
export const tests = {
  "a place is written as Python writes it, and read back whole": () => {
    equal(placeText(WHOLE), WHOLE_TEXT);
    equal(placeText(readPlace(WHOLE_TEXT)), WHOLE_TEXT);
  },

  "what a text does not say has the usual value": () => {
    const { other: _, blend: __, ...start } = startPlace();
    equal({ ...START, ...start }, START);
    equal(placeText(startPlace()), contract.startPlace);
    equal(readPlace("at=0.5").stops, startPlace().stops);
    equal(placeText(readPlace("stops=1,2&unknown=3&class=4")), "stops=1,2&class=4");
  },

  "a vector goes through an address bit for bit": () => {
    const vector = Float32Array.from({ length: 64 }, (_, k) => Math.sin(k) * 10 ** (k % 7));
    const text = packed(vector);
    ok(/^[\w-]+$/.test(text), text);
    equal(unpacked(text), vector);
  },

  "legs are counted, and a loop comes back to A": () => {
    const place = { ...startPlace(), stops: [1, 2, 3] };
    equal([legsOf(place), shareOf(place, 2)], [2, 1]);
    equal([legsOf({ ...place, path: "loop" }), shareOf({ ...place, path: "loop" }, 2)], [3, 2 / 3]);
    equal(legsOf({ ...startPlace(), path: "loop" }), 4); // all around the circle
    equal([letterOf(0), letterOf(11)], ["A", "L"]);
  },

  "in another generator's noise a place keeps what has a meaning there": () => {
    const place = { ...WHOLE, stops: [...WHOLE.stops] };
    fitPlace(place, { z_dim: 4, classes: [] }, startPlace());
    equal(placeText(place), "stops=7,46&path=loop&at=0.25&psi=0.8");
    const kept = { ...WHOLE, stops: [...WHOLE.stops] };
    fitPlace(kept, { z_dim: 2, classes: ["a", "b", "c", "d"] }, startPlace());
    equal(placeText(kept), WHOLE_TEXT.replace(",5,0.5", ""));
    fitPlace(place, { z_dim: 4, classes: ["a", "b", "c"] }, startPlace());
    equal(place.label, 1); // that of start number 7, as the command line has it
  },

  "an address says where one stands, and leads there": () => {
    const state = createPlaygroundState();
    Object.assign(state.values, { generator: "run:a", moment: 32, place: readPlace(WHOLE_TEXT) });
    const address = `#play&weights=run:a&moment=32&${WHOLE_TEXT}`;
    equal(addressOf(state), address);
    equal(askedBy(address), { generator: "run:a", moment: 32, text: WHOLE_TEXT, way: null });
    state.values.way = "map";
    equal(addressOf(state), `${address}&way=map`);
    equal(askedBy(`${address}&way=map`)?.way, "map");
    equal(askedBy(`${address}&way=map`)?.text, WHOLE_TEXT);
    state.values.way = "";
    equal(addressOf(state, null), `#play&weights=run:a&${WHOLE_TEXT}`);
    equal(askedBy("#play&weights=run%3Aa&stops=1,2")?.generator, "run:a");
    equal(askedBy("#train"), null);
  },

  "where one stood is remembered in the words of all editions": () => {
    const state = createPlaygroundState();
    Object.assign(state.values, {
      generator: "shipped:mnist",
      place: readPlace("stops=1,2&at=0.5"),
    });
    state.values.standing = standingOf(state.values);
    state.remember("standing");
    const kept = sessionStorage.getItem("ganmodel.place");
    equal(kept, '{"generator":"shipped:mnist","moment":null,"text":"stops=1,2&at=0.5"}');
    const later = createPlaygroundState();
    later.recall();
    equal(later.values.standing, state.values.standing);
  },

  "favourites are read back, and what is none is left out": () => {
    const state = createPlaygroundState();
    const one = { generator: "run:a", moment: 7, text: "stops=1,2", picture: "data:image/png,x" };
    state.values.favourites = [one];
    state.remember("favourites");
    const kept = localStorage.getItem("ganmodel.favourites") ?? "";
    const more = [...JSON.parse(kept), { generator: "run:b" }, { ...one, picture: "https://x" }];
    localStorage.setItem("ganmodel.favourites", JSON.stringify(more));
    const later = createPlaygroundState();
    later.recall();
    equal(later.values.favourites, [one]);
    localStorage.removeItem("ganmodel.favourites");
  },

  "a strip is a slider whose pictures lie where their values do": () => {
    /** @type {number[]} */
    const moved = [];
    const strip = createStrip({
      count: 7,
      low: -3,
      high: 3,
      step: 0.5,
      label: "one",
      captioned: true,
      moved: (value) => moved.push(value),
    });
    strip.range.value = "1.5";
    strip.range.dispatchEvent(new Event("input"));
    strip.caption(["8.0"]);
    strip.show(2, false);
    equal([moved, strip.range.value, strip.tiles.length], [[1.5], "2", 7]);
    ok(strip.element.classList.contains("gm-away"));
    ok(strip.element.textContent === "8.0");
  },

  "what is moved beside the way adds to the point": () => {
    const { values } = createPlaygroundState();
    values.base = [1, 2];
    equal(zOf(values), [1, 2]);
    moveBeside(values, (index) => (index === 1 ? 0.5 : 0));
    moveBeside(values, (index) => (index === 1 ? 0.5 : 0));
    equal(
      [zOf(values), values.place.rest],
      [
        [1, 3],
        [0, 1],
      ],
    );
    equal(startPlace().rest, null);
  },

  "the map shows its anchors, and what is pointed at stays put when it zooms": () => {
    const plane = createPlane(50);
    for (const [u, v] of [
      [0, 0],
      [1, 0],
      [0, 1],
    ]) {
      const { x, y } = plane.spotOf({ u, v });
      ok(x > 0 && x < 1 && y > 0 && y < 1, `${u}, ${v}`);
    }
    const spot = { x: 0.75, y: 0.125 };
    const fixed = plane.pointAt(spot);
    plane.zoom(0.5, spot);
    const { u, v } = plane.pointAt(spot);
    ok(Math.hypot(u - fixed.u, v - fixed.v) < 1e-9);
    plane.pan(-0.5, 0);
    ok(plane.middle().u > fixed.u);
    plane.zoom(1000);
    equal(plane.view().span, 20);
    plane.pan(-1e6, 0);
    equal(plane.middle().u, 50); // as far as the server draws
  },

  "ink has an extent and a centre of weight": () => {
    const [width, height] = [4, 3];
    const data = new Uint8Array(4 * width * height);
    for (const [x, y] of [
      [1, 0],
      [3, 0],
      [2, 2],
    ])
      data[4 * (y * width + x)] = 200;
    data[0] = 20; // a trace, no ink
    equal(inkBox({ data, width, height }), { width: 3, height: 3, x: 2, y: 2 / 3 });
    equal(inkBox({ data: new Uint8Array(48), width, height }), null);
  },

  "a drawing has the generator's channels": () => {
    const picture = new ImageData(Uint8ClampedArray.of(255, 0, 0, 255, 9, 9, 9, 255), 2, 1);
    equal(valuesOf(picture, 1), [76, 9]);
    equal(valuesOf(picture, 3), [255, 0, 0, 9, 9, 9]);
  },

  "every way to move has a tab's words, and every tab a way": () => {
    const named = Object.keys(read("ganmodel-words")).filter((id) =>
      id.startsWith("playground.ways."),
    );
    equal(WAYS.length, named.length);
  },
};
