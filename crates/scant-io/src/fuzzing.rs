//! What the fuzz targets need and nobody else: parsers of foreign bytes that are not public. Not an
//! interface; it exists with the feature `fuzzing` only.

use crate::sinks::engine;

/// What a Docker engine's answer to an upload means: its words, or its refusal; none for an answer
/// that is cut off.
pub fn engine_answer(answer: &[u8]) -> Option<Result<Vec<String>, String>> {
    let response = engine::response(answer)?;
    Some(engine::judge("unix:///socket", response).map_err(|error| error.to_string()))
}
