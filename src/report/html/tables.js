"use strict";
// Tables that sort: in reports and on served pages.

const collator = new Intl.Collator("en", { numeric: true });

// Puts a button in each head of a table; `sort(column, up)` does the rest.
function sortable(table, sort) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sort(column, up);
    });
  });
}

// Numbers by their size, which a collator does not know of negative ones; anything else as words.
function compared(one, other) {
  const difference = one === "" || other === "" ? NaN : one - other;
  return Number.isNaN(difference) ? collator.compare(one, other) : difference;
}

// Lets every table of a part of the page be sorted by the keys or texts of its cells.
function sortTables(within) {
  for (const table of within.querySelectorAll("table.sortable")) {
    sortable(table, (column, up) => {
      const key = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent;
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => (up ? 1 : -1) * compared(key(a), key(b)));
      table.tBodies[0].append(...rows);
    });
  }
}
sortTables(document);
