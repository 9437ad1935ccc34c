//! `residua serve`: the same numbers and bytes as the commands, and a door that opens for its own pages only.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::Read;
use std::thread::sleep;
use std::time::Duration;

use common::residua;
use common::served::{SAMPLE, Served, written_by_the_command};
use tempfile::TempDir;
use ureq::Agent;

/// A server and who asks it.
struct Server {
    served: Served,
    agent: Agent,
}

/// An answer: status, headers of interest, body.
struct Answer {
    status: u16,
    location: String,
    policy: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

impl Server {
    fn start(arguments: &[&str]) -> Server {
        let agent = Agent::config_builder().http_status_as_error(false).max_redirects(0).build().new_agent();
        Server { served: Served::with(arguments), agent }
    }

    fn of_sample() -> Server {
        Server::start(&[SAMPLE, "--listen", "127.0.0.1:0"])
    }

    fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(format!("{}{path}", self.served.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.call().unwrap())
    }

    fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    /// Sends a file in a form.
    fn send(&self, path: &str, name: &str, content: &str) -> Answer {
        let body = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n--cut--\r\n"
        );
        let request = self.agent.post(format!("{}{path}", self.served.origin));
        let request = request.header("content-type", "multipart/form-data; boundary=cut");
        answer(request.send(body.as_bytes()).unwrap())
    }

    fn post(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.post(format!("{}{path}", self.served.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.send_empty().unwrap())
    }
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Answer {
    let header = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or("").to_owned()
    };
    let (location, policy) = (header("location"), header("content-security-policy"));
    let status = response.status().as_u16();
    let mut body = Vec::new();
    response.body_mut().as_reader().read_to_end(&mut body).unwrap();
    Answer { status, location, policy, body }
}

#[test]
fn a_scenario_has_the_numbers_and_the_files_of_the_command() {
    let server = Server::of_sample();
    let folder = TempDir::new().unwrap();
    for query in ["cycle=48&energy=0.21&market=-15", "share=50&discount=11.5&capacity=30", "slip=6"] {
        let scenarios = server.get(&format!("/fleet/main/files/scenarios.toml?{query}"));
        let by_command = written_by_the_command(&scenarios.body, folder.path());
        let by_server = server.get(&format!("/api/fleet/main/whatif?{query}"));
        assert_eq!(by_server.status, 200, "{}", by_server.text());
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&by_server.body).unwrap(),
            by_command,
            "{query}"
        );
        for name in ["summary.csv", "departures.csv", "whatif.html", "whatif.xlsx", "manifest.json"] {
            let taken = server.get(&format!("/fleet/main/files/{name}?{query}")).body;
            let written = std::fs::read(folder.path().join("out").join(name)).unwrap();
            assert!(taken == written, "{name} of {query} differs");
        }
    }
}

#[test]
fn the_page_shows_what_the_command_prints() {
    let server = Server::of_sample();
    let folder = TempDir::new().unwrap();
    let scenarios = server.get("/fleet/main/files/scenarios.toml?cycle=36");
    let found = written_by_the_command(&scenarios.body, folder.path());
    let page = server.get("/fleet/main/part?cycle=36").text();
    for row in found["summary"].as_array().unwrap().iter().filter(|row| row["scenario"] != "base") {
        let amount: f64 = row["amount"].as_f64().unwrap();
        let digits = format!("{:.0}", amount.abs());
        let groups: Vec<String> = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(|group| String::from_utf8_lossy(group).into_owned())
            .collect();
        let shown = groups.join(",");
        assert!(page.contains(&shown), "{} {shown} is not on the page", row["measure"]);
    }
}

#[test]
fn pages_answer_and_keep_to_themselves() {
    let server = Server::of_sample();
    let home = server.get("/");
    assert_eq!((home.status, home.location.as_str()), (303, "/fleet/main"));
    for path in [
        "/fleet/main",
        "/fleet/main?class=laptop&site=Berlin&cycle=36",
        "/fleet/main/part?owner=leased",
        "/fleet/main/asset?asset=NWA-10789&market=-20",
        "/fleet/main/compare",
        "/fleet/main/compare?keep=three+years~cycle:36&keep=cheap~market:-20",
        "/fleet/main/files?cycle=48",
        "/fleet/main/findings",
        "/registers",
        "/lot",
        "/static/desk.js",
        "/api",
        "/api/registers",
    ] {
        let page = server.get(path);
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        assert!(
            page.policy.contains("default-src 'none'") && page.policy.contains("script-src 'self'"),
            "{path}"
        );
        // The policy refuses style and script that stand in the page.
        assert!(!page.text().contains("<style") && !page.text().contains(" style=\""), "{path}");
    }
    for (path, status) in [
        ("/fleet/nobody", 404),
        ("/fleet/main?cycle=3", 422),
        ("/fleet/main/asset?asset=NOBODY", 404),
        ("/fleet/main/files/..%2f..%2fCargo.toml", 404),
        ("/static/..%2fdesk.css", 404),
        ("/api/fleet/main/whatif?cycle=x", 422),
        ("/nothing", 404),
    ] {
        assert_eq!(server.get(path).status, status, "{path}");
    }
}

#[test]
fn every_slider_can_be_turned_to_both_of_its_ends() {
    let server = Server::of_sample();
    for dial in residua::scenario::DIALS {
        for end in [dial.least, dial.most] {
            let part = server.get(&format!("/fleet/main/part?{}={end}", dial.key));
            assert_eq!(part.status, 200, "{} {end}: {}", dial.key, part.text());
        }
    }
}

#[test]
fn foreign_names_and_foreign_pages_meet_a_closed_door() {
    let server = Server::of_sample();
    assert_eq!(server.get_with("/fleet/main", &[("host", "evil.example")]).status, 421);
    assert_eq!(server.post("/fleet/main/jobs/plan", &[("origin", "http://evil.example")]).status, 403);
    assert_eq!(server.post("/fleet/main/jobs/plan", &[("sec-fetch-site", "cross-site")]).status, 403);
}

#[test]
fn away_from_loopback_a_token_is_asked_for() {
    let server = Server::start(&[SAMPLE, "--listen", "0.0.0.0:0"]);
    assert_eq!(server.get("/fleet/main").status, 401);
    let entered = server.get(&format!("/{}", server.served.entry));
    assert_eq!((entered.status, entered.location.as_str()), (303, "/"));
    let token = server.served.entry.trim_start_matches("?token=").to_owned();
    assert_eq!(token.len(), 32);
    assert_eq!(server.get_with("/fleet/main", &[("authorization", &format!("Bearer {token}"))]).status, 200);
    assert_eq!(server.get_with("/fleet/main", &[("cookie", &format!("residua_token={token}"))]).status, 200);
}

#[test]
fn a_register_that_is_sent_in_is_shown_as_text_and_never_touches_a_path() {
    let server = Server::start(&["--listen", "127.0.0.1:0"]);
    assert_eq!(server.get("/").location, "/registers");
    let register = "asset_id,model,purchase_date,purchase_cost,currency,site\n\
                    A1,Dell Latitude 5430,2022-08-15,1389.00,USD,\"<script>alert(1)</script>\"\n\
                    A2,\"<img src=x onerror=alert(2)>\",2022-08-15,10.00,USD,Austin\n\
                    ,,not a date,,,\n";
    let sent = server.send("/upload", "../../<b>evil</b>.csv", register);
    assert_eq!(sent.status, 303, "{}", sent.text());
    let findings = server.get(&sent.location);
    assert_eq!(findings.status, 200, "{}", findings.text());
    let fleet = sent.location.trim_end_matches("/findings");
    for page in [findings, server.get(fleet), server.get("/registers")] {
        let text = page.text();
        assert!(
            !text.contains("<script>alert") && !text.contains("<img") && !text.contains("<b>evil"),
            "{text}"
        );
    }
    assert!(server.get(fleet).text().contains("&lt;script&gt;alert(1)"));
    assert_eq!(server.send("/upload", "empty.csv", "nothing\n").status, 422);
}

#[test]
fn a_lot_has_the_prices_of_the_command() {
    let server = Server::start(&["--listen", "127.0.0.1:0"]);
    let list = std::fs::read_to_string("data/samples/lot.txt").unwrap();
    let sent = server.send("/lot", "lot.txt", &list);
    assert_eq!(sent.status, 303, "{}", sent.text());
    let page = server.get(&format!("{}?margin=20", sent.location));
    assert_eq!(page.status, 200, "{}", page.text());
    let output = residua()
        .args([
            "lot",
            "data/samples/lot.txt",
            "--margin",
            "0.2",
            "--as-of",
            "2026-11",
            "--format",
            "csv",
            "-q",
        ])
        .output()
        .unwrap();
    let taken = server.get(&format!("{}/files/lot.csv?margin=20", sent.location));
    // The command names the file with its folder, the server without.
    let written = String::from_utf8(output.stdout).unwrap().replace("data/samples/lot.txt", "lot.txt");
    assert_eq!(taken.text(), written);
    assert_eq!(server.get(&format!("{}?margin=1000", sent.location)).status, 422);
}

#[test]
fn long_work_tells_how_far_it_is_and_hands_out_the_bytes_of_the_command() {
    let folder = TempDir::new().unwrap();
    let register = folder.path().join("few.csv");
    let sample = std::fs::read_to_string(SAMPLE).unwrap();
    let few: Vec<&str> = sample.lines().take(1).chain(sample.lines().skip(1).step_by(30)).collect();
    std::fs::write(&register, few.join("\n")).unwrap();
    let register = register.display().to_string();
    let server = Server::start(&[register.as_str(), "--listen", "127.0.0.1:0"]);
    let job = server.post("/fleet/main/jobs/plan", &[]).location;
    let mut page = String::new();
    for _ in 0..600 {
        page = server.get(&job).text();
        if page.contains("report.html") || page.contains("without files") {
            break;
        }
        assert!(page.contains("data-job"), "{page}");
        sleep(Duration::from_millis(100));
    }
    assert!(page.contains("report.html"), "{page}");
    let out = folder.path().join("out");
    let done =
        residua().args(["plan", &register, "--as-of", "2026-11", "-q", "-o"]).arg(&out).output().unwrap();
    assert!(done.status.success());
    for name in ["plan.csv", "schedule.csv", "plots/calendar.svg"] {
        let taken = server.get(&format!("{job}/files/{name}")).body;
        assert!(taken == std::fs::read(out.join(name)).unwrap(), "{name} differs");
    }
    assert_eq!(server.get(&format!("{job}/files/nothing.csv")).status, 404);
    let again = server.post("/fleet/main/jobs/plan", &[]).location;
    assert_eq!(again, job, "the same work is done once");
    let drivers = server.post("/fleet/main/jobs/drivers?cycle=48", &[]).location;
    assert_eq!(server.post(&format!("{drivers}/cancel"), &[]).status, 303);
}

#[test]
fn the_description_names_every_address_of_the_interface() {
    let server = Server::of_sample();
    let description: serde_json::Value = serde_json::from_slice(&server.get("/api").body).unwrap();
    let paths: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/api", "/api/fleet/{id}/whatif", "/api/registers"]);
    for path in paths {
        assert_eq!(server.get(&path.replace("{id}", "main")).status, 200, "{path}");
    }
    let dials = description["paths"]["/api/fleet/{id}/whatif"]["get"]["parameters"].as_array().unwrap();
    for dial in residua::scenario::DIALS {
        let told = dials.iter().find(|told| told["name"] == dial.key).unwrap();
        let bounds = (told["schema"]["minimum"].as_f64(), told["schema"]["maximum"].as_f64());
        assert_eq!(bounds, (Some(dial.least), Some(dial.most)), "{}", dial.key);
    }
}
