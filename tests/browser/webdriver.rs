//! As much of the WebDriver protocol as the tests use (W3C WebDriver, and the `goog` and `se` commands of chromedriver).
//!
//! In: commands. Out: their values, as JSON. A command that the driver refuses ends the test with what the driver says.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// Nothing takes that long; it only keeps a test from hanging for ever.
const PATIENCE: Duration = Duration::from_secs(300);

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys as WebDriver writes them.
pub(crate) const TAB: char = '\u{e004}';
pub(crate) const ENTER: char = '\u{e007}';
pub(crate) const RIGHT: char = '\u{e014}';
pub(crate) const BACKSPACE: char = '\u{e003}';
pub(crate) const CONTROL: char = '\u{e009}';
/// Lets go of the keys that are held.
pub(crate) const RELEASE: char = '\u{e000}';

/// A browser that its driver has started; both end with this value.
#[derive(Debug)]
pub(crate) struct Session {
    driver: Child,
    // Kept open, so that the driver can go on writing.
    _output: BufReader<ChildStdout>,
    agent: ureq::Agent,
    root: String,
}

impl Session {
    /// Starts the driver on a free port and headless Chromium.
    pub(crate) fn start(chromium: &Path, driver: &Path) -> Self {
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(driver.stdout.take().unwrap());
        let port = port_of(&mut output);
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build()
            .new_agent();
        let root = format!("http://127.0.0.1:{port}/session");
        let mut session = Self { driver, _output: output, agent, root };
        let started = session.post("", &capabilities(chromium));
        session.root = format!("{}/{}", session.root, started["sessionId"].as_str().unwrap());
        session
            .post("/timeouts", &json!({ "script": PATIENCE.as_millis(), "pageLoad": PATIENCE.as_millis() }));
        session
    }

    /// Sends a command and returns its value.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let sent = self.agent.post(format!("{}{path}", self.root)).send(body.to_string());
        answer(path, sent)
    }

    /// Asks for a value.
    pub(crate) fn get(&self, path: &str) -> Value {
        answer(path, self.agent.get(format!("{}{path}", self.root)).call())
    }

    /// Sends a command of the Chrome DevTools protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Entries of a log (`browser` or `performance`) since they were last taken.
    pub(crate) fn log(&self, kind: &str) -> Vec<Value> {
        self.post("/se/log", &json!({ "type": kind })).as_array().unwrap().clone()
    }

    /// Runs the body of a function in the page; `arguments` are its `arguments`.
    pub(crate) fn run(&self, script: &str, arguments: &Value) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// The path of the commands of an element, from the element as a script returns it.
    pub(crate) fn element(element: &Value) -> String {
        format!("/element/{}", element[ELEMENT].as_str().expect("an element"))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A session that never began has nothing to end, and a driver that is gone nothing to say.
        let _ = self.agent.delete(&self.root).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn port_of(output: &mut impl BufRead) -> u16 {
    for line in output.lines() {
        let line = line.unwrap();
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().unwrap();
        }
    }
    panic!("chromedriver ended without a port");
}

fn capabilities(chromium: &Path) -> Value {
    let options = json!({
        "binary": chromium,
        "args": [
            "--headless=new",
            // Pages are ours, and a container has neither user namespaces nor much shared memory.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--hide-scrollbars",
            "--lang=en-US",
            "--force-color-profile=srgb",
            // The browser itself asks nothing of the network, and cannot.
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
            "--window-size=1440,900",
        ],
    });
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    } } })
}

fn answer(path: &str, sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Value {
    let mut response = sent.unwrap_or_else(|error| panic!("{path}: the driver does not answer: {error}"));
    let text = response.body_mut().with_config().limit(u64::MAX).read_to_string().unwrap();
    let mut value: Value = serde_json::from_str(&text).unwrap();
    let value = value["value"].take();
    if let Some(error) = value["error"].as_str() {
        panic!("{path}: {error}: {}", value["message"].as_str().unwrap_or(""));
    }
    value
}
