//! Why a request gets no answer, as a page or as JSON.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::report::desk::message_page;

/// A request that cannot be answered.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no such thing.
    Unknown(String),
    /// What was asked cannot be worked out.
    Unusable(String),
    /// Too much for now.
    Busy(String),
}

impl Refusal {
    /// A failure of the library, in its own words.
    pub(super) fn of(error: impl std::fmt::Display) -> Refusal {
        Refusal::Unusable(error.to_string())
    }

    fn parts(self) -> (StatusCode, &'static str, String) {
        match self {
            Refusal::Unknown(why) => (StatusCode::NOT_FOUND, "Not here", why),
            Refusal::Unusable(why) => (StatusCode::UNPROCESSABLE_ENTITY, "That cannot be answered", why),
            Refusal::Busy(why) => (StatusCode::SERVICE_UNAVAILABLE, "Too busy", why),
        }
    }

    /// The refusal as JSON.
    pub(super) fn json(self) -> Response {
        let (status, _, why) = self.parts();
        let body = serde_json::json!({ "error": why }).to_string();
        (status, [(CONTENT_TYPE, "application/json")], body).into_response()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, title, why) = self.parts();
        (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], message_page(title, &[why])).into_response()
    }
}

/// A page.
pub(super) fn page(html: String) -> Response {
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}
