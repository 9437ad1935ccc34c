"use strict";
// The page works without this script; with it sliders answer while they move, and files can be dropped.

const form = document.getElementById("controls");
const answer = document.getElementById("answer");

/** The query of what the form holds; blanks stand for nothing turned. */
function query() {
  const held = new URLSearchParams();
  for (const [key, value] of new FormData(form)) if (value !== "") held.append(key, value);
  return held.toString();
}

let asking = null;
let waiting = 0;

/** Redraws the answer; what was asked before and is not there yet is given up. */
async function redraw(remember) {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  const held = query();
  const address = held ? `${form.getAttribute("action")}?${held}` : form.getAttribute("action");
  answer.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(`${answer.dataset.part}?${held}`, { signal: mine.signal });
    const text = await reply.text();
    if (reply.ok) {
      answer.innerHTML = text;
      sortTables(answer);
    } else {
      const told = new DOMParser().parseFromString(text, "text/html").querySelector("main");
      const fault = document.createElement("p");
      fault.className = "fault";
      fault.textContent = told ? told.textContent : text;
      answer.prepend(fault);
    }
    history[remember ? "pushState" : "replaceState"](null, "", address);
    for (const way of document.querySelectorAll("a[data-way]")) {
      if (way.pathname.startsWith(form.getAttribute("action"))) way.search = held;
    }
    answer.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

if (form && answer) {
  // On a small screen the answer comes first; without this script everything stays open.
  const narrow = matchMedia("(max-width: 800px)");
  const turned = document.getElementById("turned");
  const fold = () => { turned.open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();
  for (const slider of form.querySelectorAll("input[type=range]")) {
    const field = document.getElementById(slider.dataset.for);
    slider.hidden = false;
    slider.addEventListener("input", () => {
      field.value = slider.value;
      delete slider.dataset.unset;
    });
    field.addEventListener("input", () => {
      if (field.value === "") return;
      slider.value = field.value;
      delete slider.dataset.unset;
    });
  }
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (form.checkValidity()) redraw(false); }, 20);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); redraw(true); });
  addEventListener("popstate", () => location.reload());
  answer.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-asset], a[data-keep]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const wanted = new URL(link.href).searchParams;
    for (const held of form.querySelectorAll("input[type=hidden]")) held.remove();
    for (const key of ["asset", "keep"]) {
      for (const value of wanted.getAll(key)) {
        const held = document.createElement("input");
        Object.assign(held, { type: "hidden", name: key, value });
        form.append(held);
      }
    }
    redraw(true).then(() => {
      if (link.dataset.asset) document.getElementById("fan")?.scrollIntoView();
      const compare = document.querySelector("a[data-way][href*='/compare']");
      if (compare) compare.textContent = `Compare (${wanted.getAll("keep").length})`;
    });
  });
}

// A job that goes on is asked for again until it is done.
const job = document.querySelector("[data-job]");
if (job) setTimeout(() => location.reload(), Number(job.dataset.job));

for (const drop of document.querySelectorAll("form[data-drop]")) {
  const field = drop.querySelector("input[type=file]");
  const over = (event) => { event.preventDefault(); drop.classList.add("over"); };
  drop.addEventListener("dragover", over);
  drop.addEventListener("dragenter", over);
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length > 0) {
      field.files = event.dataTransfer.files;
      drop.requestSubmit();
    }
  });
}
