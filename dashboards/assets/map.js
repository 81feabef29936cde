// The map: land, circles and names as SVG, moved by mouse, fingers, keys and buttons. It tells the
// page which part of the world it shows once it stands still, and which circle is to be opened.
//
// Whatever comes from partners is set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const WORLD_PX = 512; // of the whole world at zoom 0
const LAND_UNITS = 1e6; // of the whole world in the outlines of land
const CLOSEST = 18;
const CLOSEST_BY_CLICK = 15;
const STANDS_STILL_MS = 350;
const DRAG_PX = 4;
const MARGIN_PX = 12;
const LABELS_UP_TO = 60;

const maps = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  if (!maps.has(parentElement)) maps.set(parentElement, new PlacesMap(parentElement));
  maps.get(parentElement).show(data, setTriggerValue);
}

const toX = (longitude) => (longitude + 180) / 360;
const toY = (latitude) => {
  const sine = Math.sin((Math.max(-85, Math.min(85, latitude)) * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
};
const toLongitude = (x) => x * 360 - 180;
const toLatitude = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
const between = (least, value, most) => Math.max(least, Math.min(most, value));

const overlap = ([left, top, right, bottom], other) => (
  left < other[2] && right > other[0] && top < other[3] && bottom > other[1]);

function add(parent, name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.appendChild(element);
  return element;
}

class PlacesMap {
  constructor(parent) {
    this.root = parent.querySelector(".map");
    this.svg = parent.querySelector("svg");
    this.tip = parent.querySelector(".tip");
    this.hint = parent.querySelector(".hint");
    this.land = add(this.svg, "path", { class: "land" });
    this.marks = add(this.svg, "g");
    this.counts = add(this.svg, "g");
    this.labels = add(this.svg, "g", { class: "labels" });
    this.pointers = new Map();
    this.reported = new Set();
    this.centre = { x: 0.5, y: 0.5 };
    this.zoom = 0;
    this.listen(parent);
    new ResizeObserver(() => this.resize()).observe(this.root);
  }

  show(data, tell) {
    this.tell = tell;
    this.root.setAttribute("aria-label", data.alt);
    for (const [name, colour] of Object.entries(data.colours)) {
      this.root.style.setProperty(`--${name}`, colour);
    }
    this.land.setAttribute("d", data.land);
    this.circles = data.circles.map((circle) => ({
      ...circle, x: toX(circle.at[0]), y: toY(circle.at[1]),
    }));
    this.names = data.names.map(([text, longitude, latitude]) => ({
      text, x: toX(longitude), y: toY(latitude),
    }));
    this.tip.hidden = true;
    this.drawCircles();
    const asked = data.view.join();
    // What the map itself told comes back with the figures for it: it already shows that.
    if (asked !== this.asked && !this.reported.has(asked)) {
      this.reported.clear();
      this.view = data.view.map(Number);
      this.moved = false;
    }
    this.asked = asked;
    this.resize();
  }

  resize() {
    this.width = this.root.clientWidth || 620;
    this.height = this.root.clientHeight || 520;
    // Scaled as one picture where the sheet of paper is narrower than the screen.
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    if (!this.moved && this.view) this.fit(this.view);
    this.place();
  }

  fit([west, south, east, north], closest = CLOSEST_BY_CLICK) {
    const [left, right, top, bottom] = [toX(west), toX(east), toY(north), toY(south)];
    this.centre = { x: (left + right) / 2, y: (top + bottom) / 2 };
    const across = (this.width - 2 * MARGIN_PX) / Math.max(right - left, 1e-9);
    const upright = (this.height - 2 * MARGIN_PX) / Math.max(bottom - top, 1e-9);
    this.zoom = between(0, Math.log2(Math.min(across, upright) / WORLD_PX), closest);
  }

  get scale() {
    return WORLD_PX * 2 ** this.zoom;
  }

  onScreen({ x, y }) {
    return [
      (x - this.centre.x) * this.scale + this.width / 2,
      (y - this.centre.y) * this.scale + this.height / 2,
    ];
  }

  drawCircles() {
    this.marks.replaceChildren();
    for (const [row, circle] of this.circles.entries()) {
      const group = add(this.marks, "g", { class: "mark", "data-row": row });
      add(group, "circle", { r: circle.radius, fill: circle.colour });
      add(group, "circle", {
        r: circle.radius - circle.rim / 2, fill: "none", stroke: circle.rim_colour,
        "stroke-width": circle.rim,
      });
      group.setAttribute("aria-label", circle.tip);
      circle.group = group;
    }
  }

  place() {
    const [x, y] = this.onScreen({ x: 0, y: 0 });
    const size = this.scale / LAND_UNITS;
    this.land.setAttribute("transform", `translate(${x} ${y}) scale(${size})`);
    for (const circle of this.circles || []) {
      circle.group.setAttribute("transform", `translate(${this.onScreen(circle).join(" ")})`);
    }
    const visible = (thing) => {
      const [x, y] = this.onScreen(thing);
      return x > 0 && y > 0 && x < this.width && y < this.height;
    };
    const circles = (this.circles || []).filter(visible);
    // What is to be read: counts first, then names where they leave room.
    this.placeNames(circles, visible, this.placeCounts(circles));
  }

  // Above all circles, the largest first: one that lies on another hides no number of it.
  placeCounts(circles) {
    this.counts.replaceChildren();
    const taken = [];
    const largestFirst = [...circles].sort((one, other) => other.radius - one.radius);
    for (const { count, ink, ...at } of largestFirst.filter((circle) => circle.count)) {
      const [x, y] = this.onScreen(at);
      const half = count.length * 4;
      const box = [x - half, y - 7, x + half, y + 7];
      if (taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      add(this.counts, "text", { class: "count", x, y, fill: ink, dy: "0.35em" })
        .textContent = count;
    }
    return taken;
  }

  placeNames(circles, visible, taken) {
    this.labels.replaceChildren();
    const single = circles.filter((circle) => circle.label);
    const wanted = [
      ...(this.names || []).filter(visible).map((name) => ({ ...name, size: 13 })),
      ...(single.length > LABELS_UP_TO ? [] : single).map((circle) => (
        { text: circle.label, x: circle.x, y: circle.y, size: 11 })),
    ];
    for (const { text, size, ...at } of wanted) {
      const [x, y] = this.onScreen(at);
      const half = (text.length * size * 0.55) / 2;
      const free = [y - 12, y + 12 + size, y - 26, y + 26 + size].find((base) => (
        !taken.some((other) => overlap([x - half, base - size, x + half, base + 3], other))));
      if (free === undefined) continue;
      taken.push([x - half, free - size, x + half, free + 3]);
      add(this.labels, "text", { x, y: free, "font-size": size }).textContent = text;
    }
  }

  bounds() {
    const across = this.width / this.scale / 2;
    const upright = this.height / this.scale / 2;
    return [
      between(-180, toLongitude(this.centre.x - across), 180),
      between(-90, toLatitude(this.centre.y + upright), 90),
      between(-180, toLongitude(this.centre.x + across), 180),
      between(-90, toLatitude(this.centre.y - upright), 90),
    ].map((degrees) => degrees.toFixed(4));
  }

  change() {
    this.moved = true;
    this.centre.x = between(0, this.centre.x, 1);
    this.centre.y = between(0, this.centre.y, 1);
    this.tip.hidden = true;
    this.place();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.report(), STANDS_STILL_MS);
  }

  report() {
    if (this.pointers.size) return;
    const bounds = this.bounds();
    if (this.reported.has(bounds.join())) return;
    this.reported.add(bounds.join());
    this.tell("view", bounds.join());
  }

  move(x, y) {
    this.centre.x -= x / this.scale;
    this.centre.y -= y / this.scale;
    this.change();
  }

  zoomBy(steps, x = this.width / 2, y = this.height / 2) {
    const before = this.scale;
    this.zoom = between(0, this.zoom + steps, CLOSEST);
    // What lies below the pointer stays there.
    const share = 1 / before - 1 / this.scale;
    this.centre.x += (x - this.width / 2) * share;
    this.centre.y += (y - this.height / 2) * share;
    this.change();
  }

  listen(parent) {
    const { svg } = this;
    const buttons = { closer: () => this.zoomBy(1), wider: () => this.zoomBy(-1),
      everything: () => this.tell("view", "everywhere") };
    for (const [name, press] of Object.entries(buttons)) {
      parent.querySelector(`.${name}`).addEventListener("click", press);
    }
    svg.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    svg.addEventListener("dblclick", (event) => this.zoomBy(1, ...this.pointed(event)));
    svg.addEventListener("pointerdown", (event) => this.onDown(event));
    svg.addEventListener("pointermove", (event) => this.onMove(event));
    for (const name of ["pointerup", "pointercancel"]) {
      svg.addEventListener(name, (event) => this.onUp(event));
    }
    svg.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    this.root.addEventListener("keydown", (event) => this.onKey(event));
  }

  onWheel(event) {
    // A page that is scrolled past the map goes on scrolling; the map has to be touched first.
    if (!event.ctrlKey && !this.root.matches(":focus-within")) {
      this.hint.hidden = false;
      clearTimeout(this.hinting);
      this.hinting = setTimeout(() => { this.hint.hidden = true; }, 1500);
      return;
    }
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 20 : 1;
    this.zoomBy(between(-1, (-event.deltaY * lines) / 240, 1), ...this.pointed(event));
  }

  pointed(event) {
    const frame = this.svg.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  }

  onDown(event) {
    this.root.focus({ preventScroll: true });
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    this.pressed = { row: event.target.closest(".mark")?.dataset.row, way: 0 };
    this.svg.setPointerCapture(event.pointerId);
  }

  onMove(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return this.hover(event);
    const [x, y] = [event.clientX - last[0], event.clientY - last[1]];
    this.pressed.way += Math.abs(x) + Math.abs(y);
    const apart = this.apart();
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.pointers.size === 2 && apart) this.zoomBy(Math.log2(this.apart() / apart));
    else if (this.pressed.way > DRAG_PX) this.move(x, y);
  }

  apart() {
    const [a, b] = [...this.pointers.values()];
    return b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : 0;
  }

  onUp(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.pressed.way > DRAG_PX) this.change();
    else if (this.pressed.row !== undefined && event.type === "pointerup") {
      this.open(Number(this.pressed.row));
    }
  }

  open(row) {
    const circle = this.circles[row];
    if (!circle.box) return this.tell("opened", row);
    this.fit(circle.box);
    this.change();
  }

  hover(event) {
    const row = event.target.closest(".mark")?.dataset.row;
    this.tip.hidden = row === undefined;
    if (row === undefined) return;
    this.tip.textContent = this.circles[row].tip;
    const [x, y] = this.onScreen(this.circles[row]);
    this.tip.style.left = `${between(0, x + 12, this.width - 220)}px`;
    this.tip.style.top = `${between(0, y + 12, this.height - 90)}px`;
  }

  onKey(event) {
    const keys = { ArrowLeft: [90, 0], ArrowRight: [-90, 0], ArrowUp: [0, 90], ArrowDown: [0, -90] };
    if (event.key in keys) this.move(...keys[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoomBy(1);
    else if (event.key === "-") this.zoomBy(-1);
    else return;
    event.preventDefault();
  }
}
