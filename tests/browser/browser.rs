//! A browser as a reader uses it: pages are opened, clicked, typed in and read, and nothing goes wrong unseen.
//!
//! In: a name and what to do. Out: nothing when all went well. [`driven`] starts a browser of its own for each test and at
//! the end looks at what the pages logged and asked for.

use std::cell::RefCell;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::programs;
use crate::webdriver::{BACKSPACE, CONTROL, RELEASE, Session};

/// What is waited for comes at once; a machine under load may take a while. No test fails by time before this.
const PATIENCE: Duration = Duration::from_secs(60);

/// The sizes at which pages are looked at: a name, width and height.
pub(crate) const DESK: (&str, u32, u32) = ("desktop", 1440, 900);
pub(crate) const PHONE: (&str, u32, u32) = ("phone", 390, 844);

/// Runs a test in a browser of its own, or says that it is skipped. Afterwards nothing may have been logged by the pages,
/// and nothing asked of anyone else.
pub(crate) fn driven(name: &'static str, test: impl FnOnce(&Browser)) {
    let Some(browser) = Browser::start(name) else { return };
    test(&browser);
    browser.has_been_quiet();
}

/// A browser with one window.
#[derive(Debug)]
pub(crate) struct Browser {
    session: Session,
    name: &'static str,
    /// Where requests may go: beginnings of addresses.
    allowed: RefCell<Vec<String>>,
}

impl Browser {
    /// Starts a browser with nothing remembered; nothing when there is none and the tests may go without.
    pub(crate) fn start(name: &'static str) -> Option<Self> {
        let (chromium, driver) = programs::chromium_and_driver()?;
        let session = Session::start(&chromium, &driver);
        let allowed = RefCell::new(vec!["data:".to_owned(), "blob:".to_owned()]);
        let browser = Self { session, name, allowed };
        browser.size(DESK);
        browser.medium("", "light");
        Some(browser)
    }

    /// The protocol below.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Opens a file that was written; from then on it may ask for itself and nothing else.
    pub(crate) fn open_file(&self, path: &Path) {
        let address = format!("file://{}", path.canonicalize().unwrap().display());
        self.allowed.borrow_mut().push(address.clone());
        self.go_to(&address);
    }

    /// Opens an address; the server may be asked from then on. `origin` is as in `http://host:port`.
    pub(crate) fn open_served(&self, origin: &str, path: &str) {
        self.allowed.borrow_mut().push(format!("{origin}/"));
        self.go_to(&format!("{origin}{path}"));
    }

    fn go_to(&self, address: &str) {
        self.session.post("/url", &json!({ "url": address }));
    }

    /// The address as it stands in the bar.
    pub(crate) fn address(&self) -> String {
        self.session.get("/url").as_str().unwrap().to_owned()
    }

    /// Runs the body of a function in the page and returns its value.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.session.run(script, &json!([]))
    }

    /// Runs the body of a function with arguments.
    pub(crate) fn run_with(&self, script: &str, arguments: &Value) -> Value {
        self.session.run(script, arguments)
    }

    /// The elements that a selector finds, as handles.
    pub(crate) fn all(&self, selector: &str) -> Vec<Value> {
        let found = self.session.post("/elements", &json!({ "using": "css selector", "value": selector }));
        found.as_array().unwrap().clone()
    }

    /// The one element that a selector finds first.
    pub(crate) fn one(&self, selector: &str) -> Value {
        let found = self.all(selector).into_iter().next();
        found.unwrap_or_else(|| panic!("nothing on {} is `{selector}`", self.address()))
    }

    /// The text of an element as it is seen.
    pub(crate) fn text(&self, element: &Value) -> String {
        let text = self.session.get(&format!("{}/text", Session::element(element)));
        text.as_str().unwrap().to_owned()
    }

    /// Clicks in the middle of an element, as a hand does that has scrolled there: it must be seen and not covered.
    pub(crate) fn click(&self, element: &Value) {
        let scroll = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.run_with(scroll, &json!([element]));
        self.session.post(&format!("{}/click", Session::element(element)), &json!({}));
    }

    /// Puts the focus on an element and types.
    pub(crate) fn type_into(&self, element: &Value, text: &str) {
        self.session.post(&format!("{}/value", Session::element(element)), &json!({ "text": text }));
    }

    /// Empties a field as a hand does: all of it is marked and deleted.
    pub(crate) fn clear(&self, element: &Value) {
        self.type_into(element, &format!("{CONTROL}a{RELEASE}{BACKSPACE}"));
    }

    /// Picks a file in a field for files.
    pub(crate) fn choose_file(&self, field: &Value, path: &Path) {
        self.type_into(field, path.to_str().unwrap());
    }

    /// Drags a file from outside the browser onto an element and lets it fall there.
    pub(crate) fn drop_file(&self, element: &Value, path: &Path) {
        let middle = self.run_with(
            "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' });
             const box = arguments[0].getBoundingClientRect();
             return [box.left + box.width / 2, box.top + box.height / 2];",
            &json!([element]),
        );
        let data = json!({ "items": [], "files": [path], "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            let parameters = json!({ "type": kind, "x": middle[0], "y": middle[1], "data": data });
            self.session.devtools("Input.dispatchDragEvent", &parameters);
        }
    }

    /// Files that are taken away go to this folder from now on.
    pub(crate) fn saves_to(&self, folder: &Path) {
        let parameters = json!({ "behavior": "allow", "downloadPath": folder });
        self.session.devtools("Browser.setDownloadBehavior", &parameters);
    }

    /// Takes a slider where it stands and drags it to a share of its way.
    pub(crate) fn drag(&self, slider: &Value, share: f64) {
        let places = self.run_with(
            "const slider = arguments[0];
             slider.scrollIntoView({ block: 'center', behavior: 'instant' });
             const box = slider.getBoundingClientRect(), thumb = 16;
             const at = share => Math.round(box.left + thumb / 2 + share * (box.width - thumb));
             const now = (slider.value - slider.min) / (slider.max - slider.min);
             return [at(now), at(arguments[1]), Math.round(box.top + box.height / 2)];",
            &json!([slider, share]),
        );
        let to = |x: &Value, slowly: u32| json!({ "type": "pointerMove", "origin": "viewport", "x": x, "y": places[2], "duration": slowly });
        let press = |what: &str| json!({ "type": what, "button": 0 });
        let strokes = [to(&places[0], 0), press("pointerDown"), to(&places[1], 200), press("pointerUp")];
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": strokes });
        self.session.post("/actions", &json!({ "actions": [mouse] }));
    }

    /// Presses keys one after another, wherever the focus is.
    pub(crate) fn press(&self, keys: &[char]) {
        let strokes: Vec<Value> = keys
            .iter()
            .flat_map(|key| {
                ["keyDown", "keyUp"].map(|stroke| json!({ "type": stroke, "value": key.to_string() }))
            })
            .collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.session.post("/actions", &json!({ "actions": [keyboard] }));
    }

    /// Waits until something holds.
    pub(crate) fn until(&self, what: &str, holds: impl Fn() -> bool) {
        assert!(self.comes_true(holds, PATIENCE), "waited in vain for: {what}, on {}", self.address());
    }

    /// Whether something holds before long.
    pub(crate) fn comes_true(&self, holds: impl Fn() -> bool, patience: Duration) -> bool {
        let begun = Instant::now();
        loop {
            if holds() {
                return true;
            }
            if begun.elapsed() > patience {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Shows pages as on a screen of this size.
    pub(crate) fn size(&self, (_, width, height): (&str, u32, u32)) {
        let parameters = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.session.devtools("Emulation.setDeviceMetricsOverride", &parameters);
    }

    /// Shows pages as to a reader who prefers `light` or `dark`, on a `screen` or in `print`.
    pub(crate) fn medium(&self, medium: &str, scheme: &str) {
        // Nothing glides while it is tested.
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.session
            .devtools("Emulation.setEmulatedMedia", &json!({ "media": medium, "features": features }));
    }

    /// Keeps a picture of what is in sight as an artefact.
    pub(crate) fn picture(&self, name: &str) {
        let picture = self.session.get("/screenshot");
        let picture = STANDARD.decode(picture.as_str().unwrap()).unwrap();
        std::fs::write(programs::artefacts().join(format!("{name}.png")), picture).unwrap();
    }

    /// Fails when a page logged an error or a warning, asked anyone but its own file or server, or in vain.
    pub(crate) fn has_been_quiet(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "{} was not quiet:\n{}", self.name, complaints.join("\n"));
    }

    /// What the pages logged, and what they asked for that they may not or that was not there, since the last time.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let logged = self.session.log("browser");
        let serious =
            logged.iter().filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")));
        let mut complaints: Vec<String> = serious.map(|entry| entry["message"].to_string()).collect();
        for entry in self.session.log("performance") {
            let event: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            complaints.extend(self.complaint_about(&event["message"]));
        }
        complaints
    }

    fn complaint_about(&self, event: &Value) -> Option<String> {
        let parameters = &event["params"];
        match event["method"].as_str()? {
            "Network.requestWillBeSent" => {
                let address = parameters["request"]["url"].as_str()?;
                let allowed = self.allowed.borrow().iter().any(|start| address.starts_with(start));
                (!allowed).then(|| format!("asked for {address}"))
            }
            "Network.webSocketCreated" => Some(format!("opened a socket to {}", parameters["url"])),
            // A page may drop a request when its answer is no longer wanted, as for a slider moved on.
            "Network.loadingFailed" if parameters["canceled"] != true => {
                Some(format!("asked in vain: {}", parameters["errorText"]))
            }
            "Network.responseReceived" => {
                let response = &parameters["response"];
                let refused = response["status"].as_u64().is_some_and(|status| status >= 400);
                refused.then(|| format!("was refused {}: {}", response["url"], response["status"]))
            }
            _ => None,
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Were this to panic as well, the program would end without saying why.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                self.picture(&format!("{}-failed", self.name));
            }));
        }
    }
}
