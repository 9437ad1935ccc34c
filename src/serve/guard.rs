//! Who may ask, and what an answer may do in a browser.
//!
//! In: a request before anything else looks at it. Out: a refusal, or the request with headers on its answer that keep the
//! page to itself.
//!
//! - Host: the names that the server was told to answer to, so that a foreign name that is pointed at this machine (DNS
//!   rebinding) meets a refusal.
//! - Origin: a request that changes something must come from the server's own pages, or from no browser at all.
//! - Token: away from loopback every request must carry it, as a bearer, as a cookie, or once in the address, which sets the
//!   cookie and leads on to the address without it.
//! - Content-Security-Policy: nothing but the server's own scripts, styles and answers; no frames.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, LOCATION, ORIGIN, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Name of the cookie that carries the token.
const COOKIE_NAME: &str = "residua_token";

/// What pages of the server may do.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A secret that opens a server away from loopback.
#[derive(Clone)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token(…)")
    }
}

impl Token {
    /// A token of the owner's; none when it is too short to be a secret, or cannot stand in an address.
    pub fn new(text: &str) -> Option<Token> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        (text.len() >= 16 && plain).then(|| Token(text.to_owned()))
    }

    /// A new one from the system's source of randomness, 128 bits.
    pub fn fresh() -> Result<Token, getrandom::Error> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Token(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// The token itself, to be told to its owner once.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// Digests are compared, so that the time taken says nothing of the token.
    fn is(&self, offered: &str) -> bool {
        Sha256::digest(self.0.as_bytes()) == Sha256::digest(offered.as_bytes())
    }
}

/// Whom the server answers.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    pub address: SocketAddr,
    /// Further names that browsers may call it by.
    pub names: Vec<String>,
    pub token: Option<Token>,
}

/// Lets a request through, or refuses it.
pub(super) async fn watch(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match guard.judge(&request) {
        Verdict::Welcome => next.run(request).await,
        Verdict::Enter(leads_to, cookie) => {
            (StatusCode::SEE_OTHER, [(LOCATION, leads_to), (SET_COOKIE, cookie)]).into_response()
        }
        Verdict::Refused(status, why) => (status, format!("{why}\n")).into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // With less a browser would send its own forms without their origin, and they would be refused.
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Welcome,
    /// It brought the token in its address: where to go on, and the cookie to go on with.
    Enter(String, String),
    Refused(StatusCode, &'static str),
}

impl Guard {
    fn judge(&self, request: &Request) -> Verdict {
        let headers = request.headers();
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let Some(host) = host.filter(|host| self.answers_to(host)) else {
            return Verdict::Refused(
                StatusCode::MISDIRECTED_REQUEST,
                "this server does not answer to that name; start it with --host NAME to allow it",
            );
        };
        if !matches!(*request.method(), Method::GET | Method::HEAD) && is_foreign(headers, host) {
            return Verdict::Refused(StatusCode::FORBIDDEN, "this request came from another site");
        }
        let Some(token) = &self.token else { return Verdict::Welcome };
        if offered(headers).is_some_and(|offered| token.is(&offered)) {
            return Verdict::Welcome;
        }
        let query = request.uri().query().unwrap_or("");
        let pairs = || form_urlencoded::parse(query.as_bytes());
        if pairs().any(|(key, value)| key == "token" && token.is(&value)) {
            let rest = pairs().filter(|(key, _)| key != "token");
            let rest = form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish();
            // A path of two slashes would name another host.
            let path = format!("/{}", request.uri().path().trim_start_matches('/'));
            let leads_to = if rest.is_empty() { path } else { format!("{path}?{rest}") };
            let cookie = format!("{COOKIE_NAME}={}; HttpOnly; SameSite=Strict; Path=/", token.0);
            return Verdict::Enter(leads_to, cookie);
        }
        Verdict::Refused(
            StatusCode::UNAUTHORIZED,
            "this server asks for its token: open the address it printed, or send it as `Authorization: Bearer`",
        )
    }

    /// Loopback by any of its names, the address itself, and the names that were allowed. Behind a token any plain address
    /// is right: no foreign page can have a cookie for it.
    fn answers_to(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port.parse().ok()),
            _ => (host, Some(80)),
        };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        if self.names.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            return true;
        }
        if port != Some(self.address.port()) {
            return false;
        }
        let by_address = name.parse::<IpAddr>().is_ok_and(|address| {
            address == self.address.ip() || address.is_loopback() || self.token.is_some()
        });
        by_address || name.eq_ignore_ascii_case("localhost")
    }
}

/// Whether a browser sent it for another site's page.
fn is_foreign(headers: &HeaderMap, host: &str) -> bool {
    if let Some(origin) = headers.get(ORIGIN) {
        let own = [format!("http://{host}"), format!("https://{host}")];
        return !own.iter().any(|own| origin.as_bytes() == own.as_bytes());
    }
    // Browsers send an origin with whatever changes something; without one it is no browser, or a trick.
    let fetched_from = headers.get("sec-fetch-site");
    fetched_from.is_some_and(|site| site.as_bytes() != b"same-origin") || headers.contains_key(COOKIE)
}

/// The token that a request carries.
fn offered(headers: &HeaderMap) -> Option<String> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(bearer) = bearer.and_then(|value| value.strip_prefix("Bearer ")) {
        return Some(bearer.trim().to_owned());
    }
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn guard(token: Option<&str>) -> Guard {
        Guard {
            address: "127.0.0.1:8787".parse().unwrap(),
            names: vec!["gear.example".to_owned()],
            token: token.map(|text| Token::new(text).unwrap()),
        }
    }

    fn judged(guard: &Guard, method: &str, path: &str, headers: &[(&str, &str)]) -> Verdict {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        guard.judge(&request.body(Body::empty()).unwrap())
    }

    fn status(verdict: &Verdict) -> u16 {
        match verdict {
            Verdict::Welcome => 200,
            Verdict::Enter(..) => 303,
            Verdict::Refused(status, _) => status.as_u16(),
        }
    }

    const TOKEN: &str = "0123456789abcdef";

    #[test]
    fn only_its_own_names_are_answered() {
        let open = guard(None);
        let by = |host: &str| status(&judged(&open, "GET", "/", &[("host", host)]));
        for own in ["127.0.0.1:8787", "localhost:8787", "[::1]:8787", "gear.example", "GEAR.example:443"] {
            assert_eq!(by(own), 200, "{own}");
        }
        for foreign in ["evil.example:8787", "localhost:80", "localhost", "192.168.1.5:8787", "", "a b"] {
            assert_eq!(by(foreign), 421, "{foreign}");
        }
        assert_eq!(status(&judged(&open, "GET", "/", &[])), 421);
    }

    #[test]
    fn what_changes_something_must_come_from_its_own_pages_or_from_no_browser() {
        let open = guard(None);
        let host = ("host", "localhost:8787");
        let post = |more: &[(&str, &str)]| {
            let headers: Vec<_> = std::iter::once(host).chain(more.iter().copied()).collect();
            status(&judged(&open, "POST", "/upload", &headers))
        };
        assert_eq!(post(&[]), 200);
        assert_eq!(post(&[("origin", "http://localhost:8787"), ("sec-fetch-site", "same-origin")]), 200);
        assert_eq!(post(&[("origin", "http://evil.example")]), 403);
        assert_eq!(post(&[("origin", "null")]), 403);
        assert_eq!(post(&[("origin", "http://127.0.0.1:8787")]), 403);
        assert_eq!(post(&[("sec-fetch-site", "cross-site")]), 403);
        assert_eq!(post(&[("cookie", "a=b")]), 403);
    }

    #[test]
    fn a_token_opens_as_bearer_cookie_or_address() {
        let closed = guard(Some(TOKEN));
        let host = ("host", "192.168.1.5:8787");
        let get = |path: &str, more: &[(&str, &str)]| {
            let headers: Vec<_> = std::iter::once(host).chain(more.iter().copied()).collect();
            judged(&closed, "GET", path, &headers)
        };
        assert_eq!(status(&get("/", &[])), 401);
        assert_eq!(status(&get("/", &[("authorization", "Bearer 0123456789abcdee")])), 401);
        assert_eq!(get("/", &[("authorization", "Bearer 0123456789abcdef")]), Verdict::Welcome);
        assert_eq!(get("/", &[("cookie", "x=1; residua_token=0123456789abcdef")]), Verdict::Welcome);
        let entered = get("//fleet/a?cycle=48&token=0123456789abcdef", &[]);
        let cookie = "residua_token=0123456789abcdef; HttpOnly; SameSite=Strict; Path=/".to_owned();
        assert_eq!(entered, Verdict::Enter("/fleet/a?cycle=48".to_owned(), cookie));
    }

    #[test]
    fn a_token_is_long_and_plain() {
        assert!(Token::new("short").is_none());
        assert!(Token::new("0123456789abcdef; Path=/").is_none());
        assert_eq!(Token::fresh().unwrap().secret().len(), 32);
        assert!(!format!("{:?}", Token::new(TOKEN)).contains(TOKEN));
    }
}
