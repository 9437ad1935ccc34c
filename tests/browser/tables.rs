//! Tables as a reader uses them: found by what is written above them, sorted by their heads, narrowed by a filter.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::webdriver::{ENTER, TAB};

/// A column of a table that can be sorted.
#[derive(Debug)]
pub(crate) struct Column {
    /// Handle of the button in its head.
    pub(crate) button: Value,
    /// What the head says.
    pub(crate) name: String,
    table: usize,
    position: usize,
}

/// The columns that can be sorted on this page: those with a button in their head.
pub(crate) fn sortable_columns(browser: &Browser) -> Vec<Column> {
    let found = browser.run(
        "return [...document.querySelectorAll('table')].flatMap((table, place) =>
           [...table.querySelectorAll('thead th')].flatMap((head, position) => {
             const button = head.querySelector('button');
             return button && head.checkVisibility() ? [[button, head.innerText.trim(), place, position]] : [];
           }));",
    );
    let column = |of: &Value| Column {
        button: of[0].clone(),
        name: of[1].as_str().unwrap().to_owned(),
        table: of[2].as_u64().unwrap() as usize,
        position: of[3].as_u64().unwrap() as usize,
    };
    found.as_array().unwrap().iter().map(column).collect()
}

/// Sorts by a column up and down, with `press` on its button; what is told as sorted is, and numbers are in order.
/// Returns whether the column holds numbers.
pub(crate) fn sorts(browser: &Browser, column: &Column, press: impl Fn()) -> bool {
    let mut orders = Vec::new();
    for _ in 0..2 {
        press();
        let order = told_order(browser, column);
        let numbers = numbers(&cells(browser, column));
        if let Some(numbers) = &numbers {
            let in_order = |pair: &[f64]| match order.as_str() {
                "ascending" => pair[0] <= pair[1],
                _ => pair[0] >= pair[1],
            };
            assert!(numbers.windows(2).all(in_order), "`{}` is not {order}: {numbers:?}", column.name);
        }
        orders.push((order, numbers.is_some()));
    }
    let mut told: Vec<&str> = orders.iter().map(|(order, _)| order.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["ascending", "descending"], "`{}` sorts both ways", column.name);
    orders[0].1
}

/// The order that the head of a column tells; no other column of the table may tell one.
fn told_order(browser: &Browser, column: &Column) -> String {
    let told = browser.run_with(
        "const heads = [...document.querySelectorAll('table')[arguments[0]].querySelectorAll('thead th')];
         return heads.map(head => head.getAttribute('aria-sort')).map(order => order === 'none' ? null : order);",
        &json!([column.table]),
    );
    let told = told.as_array().unwrap();
    let others = told.iter().enumerate().filter(|(at, order)| *at != column.position && !order.is_null());
    assert_eq!(others.count(), 0, "one column is the sorted one: {told:?}");
    told[column.position].as_str().unwrap_or_else(|| panic!("`{}` is not sorted", column.name)).to_owned()
}

fn cells(browser: &Browser, column: &Column) -> Vec<String> {
    let cells = browser.run_with(
        "const table = document.querySelectorAll('table')[arguments[0]];
         return [...table.tBodies].flatMap(body => [...body.rows]).filter(row => row.checkVisibility())
           .map(row => row.cells[arguments[1]]?.innerText ?? '');",
        &json!([column.table, column.position]),
    );
    texts(&cells)
}

/// The cells that hold a number, when all do or say that there is none.
fn numbers(cells: &[String]) -> Option<Vec<f64>> {
    let mut numbers = Vec::new();
    for cell in cells.iter().map(|cell| cell.trim()).filter(|cell| !matches!(*cell, "" | "–")) {
        numbers.push(cell.replace(',', "").replace('−', "-").replace('+', "").parse().ok()?);
    }
    (numbers.len() > 1).then_some(numbers)
}

/// Clicks every column that can be sorted, up and down. Returns how many hold numbers.
pub(crate) fn all_sort_by_click(browser: &Browser) -> usize {
    let columns = sortable_columns(browser);
    columns.iter().filter(|column| sorts(browser, column, || browser.click(&column.button))).count()
}

/// Goes to a button by Tab alone and sorts with Enter, up and down.
pub(crate) fn sorts_by_keyboard(browser: &Browser, column: &Column) {
    tab_to(browser, &column.button);
    sorts(browser, column, || browser.press(&[ENTER]));
}

/// Presses Tab until an element has the focus; wherever the focus stops on the way it is seen.
pub(crate) fn tab_to(browser: &Browser, element: &Value) {
    let begun = browser.run("document.activeElement.blur(); getSelection().removeAllRanges();");
    assert!(begun.is_null());
    for _ in 0..2000 {
        browser.press(&[TAB]);
        let stop = browser.run_with(
            "const at = document.activeElement, style = getComputedStyle(at);
             return { there: at === arguments[0], body: at === document.body, name: at.outerHTML.slice(0, 120),
               shown: at.checkVisibility() && (style.outlineStyle !== 'none' || style.boxShadow !== 'none') };",
            &json!([element]),
        );
        assert!(stop["body"] == true || stop["shown"] == true, "the focus is not seen on {}", stop["name"]);
        if stop["there"] == true {
            return;
        }
    }
    panic!("Tab does not lead there");
}

/// Rows in sight of all tables below a heading that begins so, each as the text of its cells.
pub(crate) fn rows_below(browser: &Browser, heading: &str) -> Vec<String> {
    let rows = browser.run_with(
        "const heading = [...document.querySelectorAll('h1, h2, h3')].find(h => h.innerText.startsWith(arguments[0]));
         if (!heading) return null;
         const part = heading.closest('section') ?? heading.parentElement;
         return [...part.querySelectorAll('tbody tr')].filter(row => row.checkVisibility()).map(row => row.innerText);",
        &json!([heading]),
    );
    assert!(!rows.is_null(), "no heading `{heading}` on {}", browser.address());
    texts(&rows)
}

/// Rows in sight of the nearest tables that a field belongs to, each as the text of its cells.
pub(crate) fn rows_around(browser: &Browser, field: &Value) -> Vec<String> {
    let rows = browser.run_with(
        "let part = arguments[0];
         while (!part.querySelector('tbody')) part = part.parentElement;
         return [...part.querySelectorAll('tbody tr')].filter(row => row.checkVisibility()).map(row => row.innerText);",
        &json!([field]),
    );
    texts(&rows)
}

/// Strings of a JSON array.
pub(crate) fn texts(values: &Value) -> Vec<String> {
    values.as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// All tables below an element, each as its rows, the head first, of the texts of their cells.
pub(crate) fn tables_in(browser: &Browser, selector: &str) -> Vec<Vec<Vec<String>>> {
    let tables = browser.run_with(
        "return [...document.querySelectorAll(`${arguments[0]} table`)].map(table =>
           [...table.rows].map(row => [...row.cells].map(cell => cell.textContent.trim())));",
        &json!([selector]),
    );
    serde_json::from_value(tables).unwrap()
}
