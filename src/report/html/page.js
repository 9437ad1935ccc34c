"use strict";
// A table of all cohorts that filters, sections made when they are asked for. Tables sort by tables.js.

// Opens the section that the address names.
function openNamed() {
  const name = location.hash.slice(1);
  const target = document.getElementById(name) ?? (window.made ? window.made(name) : null);
  if (target && target.tagName === "DETAILS") {
    target.open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  }
}

const block = document.getElementById("data");
if (block) cohorts(JSON.parse(block.textContent));
addEventListener("hashchange", openNamed);
openNamed();

function cohorts(data) {
  const [POSITION, LABEL, SITE, UNITS, BOUGHT, ACTION, ROUTE, FIRST, LAST, NET, ALL, LATE, WHY, PRICES] = Array(14).keys();
  const STEP = 100;
  const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const word = (place) => (place < 0 ? "–" : data.words[place]);
  const month = (index) => (index === null ? "–" : `${months[index % 12]} ${Math.floor(index / 12)}`);
  const money = (amount) => (amount === null ? "–" : Math.round(amount).toLocaleString("en-US").replace("-", "−"));
  const span = (first, last) => {
    if (first === null || first === last) return month(first);
    const sameYear = Math.floor(first / 12) === Math.floor(last / 12);
    return sameYear ? `${months[first % 12]}–${month(last)}` : `${month(first)} – ${month(last)}`;
  };
  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const places = new Map(data.rows.map((row, place) => [row[POSITION], place]));
  const named = data.rows.map((row) => [LABEL, SITE, ACTION, ROUTE].map((part) => (row[part] < 0 ? "" : word(row[part]))).join(" ").toLowerCase());
  let ids = null;
  let shown = data.rows.map((_, place) => ({ place, hits: [] }));
  let order = null;
  let limit = STEP;

  const table = document.getElementById("index");
  const more = document.getElementById("more");
  const found = document.getElementById("found");
  const filter = document.getElementById("filter");

  function line({ place, hits }) {
    const row = data.rows[place];
    const number = (text) => make("td", { class: "number" }, text);
    const head = make("th", { scope: "row" }, make("a", { href: `#cohort-${row[POSITION]}` }, word(row[LABEL])));
    if (hits.length) head.append(` ${hits.slice(0, 3).join(", ")}${hits.length > 3 ? ` and ${hits.length - 3} more` : ""}`);
    return make("tr", {}, head, make("td", {}, word(row[SITE])), number(row[UNITS].toLocaleString("en-US")),
      make("td", {}, month(row[BOUGHT])), make("td", {}, word(row[ACTION])), make("td", {}, span(row[FIRST], row[LAST])),
      number(money(row[NET])), number(money(row[ALL])), number(money(row[LATE])));
  }

  function show() {
    const lines = shown.slice(0, limit).map(line);
    table.tBodies[0].replaceChildren(...lines);
    const left = shown.length - lines.length;
    more.hidden = left <= 0;
    more.textContent = `Show ${Math.min(left, STEP)} more of ${left.toLocaleString("en-US")}`;
    const rest = document.getElementById("rest");
    if (rest) rest.hidden = left <= 0;
  }

  function arrange() {
    if (order === null) return;
    const parts = [LABEL, SITE, UNITS, BOUGHT, ACTION, FIRST, NET, ALL, LATE];
    const part = parts[order.column];
    const text = [LABEL, SITE, ACTION].includes(part);
    const key = (one) => (text ? word(data.rows[one.place][part]) : data.rows[one.place][part]);
    const compare = text ? collator.compare : (a, b) => a - b;
    const sign = order.up ? 1 : -1;
    // What has no value comes last, whichever way the table is sorted.
    shown.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === null || y === null) return (x === null) - (y === null) || a.place - b.place;
      return sign * compare(x, y) || a.place - b.place;
    });
  }

  function choose() {
    ids ??= data.assets.map((list) => list.map((id) => id.toLowerCase()));
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = [];
    let assets = 0;
    for (let place = 0; place < data.rows.length; place += 1) {
      const others = words.filter((one) => !named[place].includes(one));
      if (others.length === 0) {
        shown.push({ place, hits: [] });
        assets += data.assets[place].length;
      } else {
        const hits = data.assets[place].filter((_, at) => others.every((one) => ids[place][at].includes(one)));
        if (hits.length) shown.push({ place, hits });
        assets += hits.length;
      }
    }
    arrange();
    limit = STEP;
    show();
    const count = (number, noun) => `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
    found.value = words.length ? `${count(shown.length, "cohort")}, ${count(assets, "asset")}` : "";
  }

  // The cohort of the asset with exactly this id, else the only one left.
  function jump() {
    choose();
    const wanted = filter.value.trim().toLowerCase();
    const exact = ids.findIndex((list) => list.includes(wanted));
    const place = exact >= 0 ? exact : shown.length === 1 ? shown[0].place : -1;
    if (place < 0) return;
    const hash = `#cohort-${data.rows[place][POSITION]}`;
    if (location.hash === hash) openNamed(); else location.hash = hash;
  }

  sortable(table, (column, up) => { order = { column, up }; arrange(); show(); });
  filter.form.hidden = false;
  filter.addEventListener("input", choose);
  filter.form.addEventListener("submit", (event) => { event.preventDefault(); jump(); });
  more.addEventListener("click", () => { limit += STEP; show(); });
  show();

  // A section for a cohort that has none in the page.
  window.made = (name) => {
    const place = places.get(Number(/^cohort-(\d+)$/.exec(name)?.[1] ?? -1));
    if (place === undefined) return null;
    const row = data.rows[place];
    const fact = (text, value) => make("div", {}, make("dt", {}, text), make("dd", {}, value));
    const facts = make("dl", {}, fact("Units", String(row[UNITS])), fact("Bought", month(row[BOUGHT])),
      fact("Action", word(row[ACTION])), fact("Route", word(row[ROUTE])), fact("Window", span(row[FIRST], row[LAST])),
      fact(`Net of one, ${data.currency}`, money(row[NET])), fact(`Net of all, ${data.currency}`, money(row[ALL])),
      fact(`A quarter late costs, ${data.currency}`, money(row[LATE])));
    const inside = make("div", { class: "inside" }, make("p", { class: "reason" }, word(row[WHY])));
    const split = make("div", { class: "split" }, facts);
    if (row[PRICES].length) split.prepend(make("figure", {}, fan(row)));
    inside.append(split, make("h4", {}, "Assets"), make("p", { class: "assets" }, data.assets[place].join(", ")));
    const site = row[SITE] < 0 ? "" : `, ${word(row[SITE])}`;
    const summary = make("summary", {}, make("h3", {}, word(row[LABEL]) + site), ` ${row[UNITS]} × ${word(row[ACTION])}`);
    const section = make("details", { id: name, class: "cohort" }, summary, inside);
    document.getElementById("asked").prepend(section);
    return section;
  };

  // Median and band of the price of one unit, the window: the language of the drawings in the page.
  function fan(row) {
    const [width, height, left, right, top, bottom] = [760, 250, 62, 748, 26, 220];
    const medians = row[PRICES].filter((_, at) => at % 2 === 0);
    const ratios = row[PRICES].filter((_, at) => at % 2 === 1).map((ratio) => ratio / 100);
    const last = Math.max(1, (medians.length - 1) * data.every);
    const most = Math.max(1, ...medians.map((median, at) => median * ratios[at]));
    const power = 10 ** Math.floor(Math.log10(most / 3));
    const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one * 4 >= most);
    const high = Math.ceil(most / step) * step;
    const x = (ahead) => left + (ahead / last) * (right - left);
    const y = (price) => bottom - (price / high) * (bottom - top);
    const path = (prices) => prices.map((price, at) => `${x(at * data.every).toFixed(1)},${y(price).toFixed(1)}`);
    const parts = [];
    const draw = (name, attributes, text = "") => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      element.textContent = text;
      parts.push(element);
    };
    const write = (at, text, anchor = "start") => draw("text", { x: at[0], y: at[1], "text-anchor": anchor, class: "f-soft", fill: "#595959" }, text);
    if (row[FIRST] !== null) {
      const half = (x(1) - x(0)) / 2;
      const from = Math.max(left, x(row[FIRST] - data.start) - half);
      const to = Math.min(right, x(row[LAST] - data.start) + half);
      if (to > from) draw("rect", { x: from, y: top, width: to - from, height: bottom - top, class: "f-window", fill: "#f6e3b3" });
    }
    for (let tick = 0; tick <= high + step / 2; tick += step) {
      draw("path", { d: `M${left},${y(tick)} ${right},${y(tick)}`, class: "s-rule", stroke: "#ddd" });
      write([left - 6, y(tick) + 4], tick.toLocaleString("en-US", { notation: "compact" }).replace("K", "k").replace("B", "bn"), "end");
    }
    const above = path(medians.map((median, at) => median * ratios[at]));
    const below = path(medians.map((median, at) => median / ratios[at])).reverse();
    draw("path", { d: `M${above.concat(below).join(" ")}Z`, class: "f-band", fill: "#cbe4f5", "fill-opacity": 0.8 });
    draw("path", { d: `M${path(medians).join(" ")}`, class: "s-value", fill: "none", stroke: "#0072b2", "stroke-width": 2 });
    for (let ahead = 0; ahead <= last; ahead += 12) {
      write([x(ahead), bottom + 18], month(data.start + ahead), ahead === 0 ? "start" : ahead + 6 > last ? "end" : "middle");
    }
    write([4, 14], `${data.currency} per unit; line: median price, band: 8 in 10, ground: window`);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = `Price of one ${word(row[LABEL])}: median ${money(medians[0])} ${data.currency} now, ${money(medians.at(-1))} in ${month(data.start + last)}.`;
    for (const [key, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "font-size": 12 })) svg.setAttribute(key, value);
    svg.append(title, ...parts);
    return svg;
  }
}
