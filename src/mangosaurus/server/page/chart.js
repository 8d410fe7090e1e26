// The loss chart in SVG: held-out loss as a line, training loss as dots.

const SVG = "http://www.w3.org/2000/svg";
const LEFT = 38;
const RIGHT = 18;
const TOP = 10;
const BOTTOM = 24;

/** A chart in `svg` of points {elapsed, loss, held_out, network} in seconds and nats; losses may be null. */
export function chartOf(svg) {
  let points = [];
  let seconds = 1;
  const draw = () => render(svg, points, seconds);
  new ResizeObserver(draw).observe(svg);
  return {
    clear(expected) {
      points = [];
      seconds = expected;
      draw();
    },
    add(point, expected) {
      points.push(point);
      seconds = Math.max(expected, point.elapsed);
      draw();
    },
  };
}

function render(svg, points, seconds) {
  const { width, height } = svg.getBoundingClientRect();
  if (!width) return;
  const values = points.flatMap((point) => [point.loss, point.held_out]).filter((value) => Number.isFinite(value));
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [1, 3];
  const room = Math.max(high - low, 0.2) * 0.08;
  const x = (time) => LEFT + (time / seconds) * (width - LEFT - RIGHT);
  const y = (loss) => TOP + ((high + room - loss) / (high - low + 2 * room || 0.2)) * (height - TOP - BOTTOM);

  const parts = [];
  for (const loss of ticks(low - room, high + room, 6)) {
    parts.push(make("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(loss), y2: y(loss) }));
    parts.push(make("text", { x: LEFT - 8, y: y(loss) + 4, "text-anchor": "end" }, loss.toFixed(2).replace(/0$/, "")));
  }
  for (const time of ticks(0, seconds, 6)) {
    parts.push(make("text", { x: x(time), y: height - 5, "text-anchor": "middle" }, `${time} s`));
  }
  for (const name of ["loss", "held_out"]) {
    const line = points.filter((point) => Number.isFinite(point[name]));
    const begins = (i) => i === 0 || line[i].network !== line[i - 1].network; // each network has its own line
    const path = line.map((point, i) => `${begins(i) ? "M" : "L"}${x(point.elapsed).toFixed(1)} ${y(point[name]).toFixed(1)}`);
    parts.push(make("path", { class: name === "loss" ? "loss" : "held", d: path.join("") }));
    if (name === "held_out" && line.length) {
      const last = line.at(-1);
      parts.push(make("circle", { cx: x(last.elapsed), cy: y(last.held_out), r: 5.5 }));
    }
  }
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(...parts);
  svg.setAttribute("aria-label", describe(points));
}

/** The chart in words. */
function describe(points) {
  const held = points.filter((point) => Number.isFinite(point.held_out));
  if (!held.length) return "The loss: nothing measured yet";
  const best = Math.min(...held.map((point) => point.held_out));
  const [first, last] = [held[0], held.at(-1)];
  return (
    `The held-out loss went from ${first.held_out.toFixed(2)} after ${first.elapsed.toFixed(0)} seconds to ` +
    `${last.held_out.toFixed(2)} after ${last.elapsed.toFixed(0)}; the lowest was ${best.toFixed(2)} nats per symbol`
  );
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
