// The loss chart in SVG: the held-out loss of the whole mixture as it falls.

import { words } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const LEFT = 38;
const RIGHT = 18;
const TOP = 10;
const BOTTOM = 24;

/** A chart in `svg` of the lowest loss so far, in nats, over the seconds since the training began. */
export function chartOf(svg) {
  let points = [];
  let seconds = 1; // that the training takes
  let now = 0;
  const draw = () => render(svg, points, seconds, now);
  new ResizeObserver(draw).observe(svg);
  return {
    clear() {
      points = [];
      draw();
    },
    /** The loss was `loss` at the time `elapsed`, of `expected` in all. */
    add(elapsed, loss, expected) {
      const best = points.at(-1)?.loss ?? Infinity;
      if (loss < best) points.push({ elapsed, loss });
      now = elapsed;
      seconds = Math.max(expected, elapsed);
      draw();
    },
  };
}

function render(svg, points, seconds, now) {
  const { width, height } = svg.getBoundingClientRect();
  if (!width || !points.length) return svg.replaceChildren();
  const [high, low] = [points[0].loss, points.at(-1).loss];
  const room = Math.max(high - low, 0.2) * 0.08;
  const x = (time) => LEFT + (time / seconds) * (width - LEFT - RIGHT);
  const y = (loss) => TOP + ((high + room - loss) / (high - low + 2 * room)) * (height - TOP - BOTTOM);

  const parts = [];
  for (const loss of ticks(low - room, high + room, 5)) {
    parts.push(make("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(loss), y2: y(loss) }));
    parts.push(make("text", { x: LEFT - 8, y: y(loss) + 4, "text-anchor": "end" }, loss.toFixed(2).replace(/0$/, "")));
  }
  for (const time of ticks(0, seconds, 6)) {
    parts.push(make("text", { x: x(time), y: height - 5, "text-anchor": "middle" }, words("s", { n: time })));
  }
  const line = [...points, { elapsed: now, loss: low }].map(({ elapsed, loss }) => `${x(elapsed).toFixed(1)} ${y(loss).toFixed(1)}`);
  parts.push(make("path", { d: `M${line.join("L")}` }));
  parts.push(make("circle", { cx: x(now), cy: y(low), r: 5.5 }));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(...parts);
  svg.setAttribute("aria-label", words("loss-fell", { high: high.toFixed(2), low: low.toFixed(2), seconds: now.toFixed(0) }));
}

/** About `most` round numbers from low to high. */
function ticks(low, high, most) {
  const rough = (high - low) / most;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((factor) => factor * unit >= rough);
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high; i += 1) found.push(Number((i * step).toPrecision(6)));
  return found;
}

function make(tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}
